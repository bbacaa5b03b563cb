"""Invented people's names, by the country of a site."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = {
    "GB": _words(
        "Aisha Alfie Amelia Arthur Beth Callum Chloe Connor Daisy Declan Dylan Eleanor Ellie Emma"
        " Ethan Freya George Grace Hannah Harry Holly Imogen Isaac Jack Jasmine Joe Katie Leah"
        " Lewis Lucy Maisie Megan Mohammed Nathan Niamh Oliver Owen Poppy Rhys Rosie Sam Sophie"
        " Tariq Tom Zara"
    ),
    "CO": _words(
        "Alejandra Andrés Camila Carlos Carolina Catalina Daniel Daniela David Diana Diego Eduardo"
        " Esteban Felipe Fernanda Gabriela Gloria Hernán Isabela Iván Jairo Jimena Jorge Juliana"
        " Laura Lorena Lucía Luis Manuela Marcela Mariana Mateo Mauricio Natalia Nicolás Óscar"
        " Paola Pilar Ricardo Sara Santiago Sebastián Tatiana Tomás Valentina"
    ),
    "IN": _words(
        "Aarav Aditi Ajay Akash Amruta Ananya Anil Arjun Asha Deepa Dev Gauri Harsh Isha Jyoti"
        " Karan Kavita Kiran Lata Madhuri Manish Meera Mihir Neha Nikhil Omkar Pallavi Pooja"
        " Pranav Priya Rahul Ravi Rohan Sagar Sameer Sanika Shruti Sneha Sunil Swati Tanvi Uday"
        " Varun Vidya Yash"
    ),
}
FAMILY = {
    "GB": _words(
        "Ahmed Atkinson Baines Barker Bell Booth Brook Carr Clegg Crossley Dawson Dobson Ellis"
        " Farrar Firth Gill Greenwood Haigh Hardcastle Hirst Holroyd Hughes Hussain Jagger Kaye"
        " Lister Lockwood Mellor Murgatroyd Naylor Oldroyd Patel Pickles Priestley Ramsden"
        " Rhodes Shackleton Sugden Sutcliffe Sykes Thackray Wadsworth Walker Whitaker Wilkinson"
    ),
    "CO": _words(
        "Acosta Aguilar Álvarez Arango Ardila Ballesteros Bernal Bohórquez Bustos Caicedo Cárdenas"
        " Castaño Cifuentes Cortés Duarte Echeverri Escobar Forero Galindo Gaviria Gómez Guzmán"
        " Hoyos Jaramillo Londoño Lozano Mejía Montoya Muñoz Navarro Ospina Pardo Peña Pinzón"
        " Quintero Rincón Roa Salazar Suárez Téllez Uribe Valencia Vargas Villegas Zapata"
    ),
    "IN": _words(
        "Apte Bapat Bhosale Chavan Dange Deshmukh Deshpande Dhole Gadgil Gaikwad Ghorpade Gokhale"
        " Gore Jadhav Jagtap Joshi Kadam Kale Karve Kelkar Khedkar Kulkarni Lele Mahajan Mane"
        " More Naik Nene Oak Pande Patil Pawar Phadke Ranade Sabnis Salunkhe Sane Sathe Shinde"
        " Shirke Tambe Thorat Upadhye Vaidya Wagh"
    ),
}
