"""What a demo centre with a long past gains from `coaching`: the sessions in which its teachers
taught (`ccm.demo.lessons`), of whom one changed nothing."""
