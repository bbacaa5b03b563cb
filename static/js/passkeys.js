// Says in words what goes wrong with a passkey, where allauth's own scripts only tell the console.
(() => {
  "use strict";
  document.addEventListener('allauth.error', (event) => {
    event.preventDefault();
    const unable = !window.PublicKeyCredential || event.detail.exception?.name === 'SecurityError';
    for (const place of document.querySelectorAll('[data-passkey-fault]')) {
      place.textContent = unable ? place.dataset.unable : place.dataset.refused;
    }
  });
})();
