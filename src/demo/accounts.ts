/**
 * The people of the demo's university, made up, with the claims that a real provider would tell.
 * @module
 */

/** A person who can sign in. */
export interface Account {
  /** Value of the form field `account`, and the subject (`sub`). */
  readonly id: string
  readonly name: string
  /** What the sign-in page says about the person. */
  readonly role: string
  readonly claims: {
    readonly eduperson_scoped_affiliation?: readonly string[]
    readonly groups?: readonly string[]
    readonly department?: string
  }
}

/** Everybody, in the order of the sign-in page. */
export const accounts: readonly Account[] = [
  {
    id: 'student',
    name: 'Айгерим Асанова',
    role: 'Student, Faculty of Geography',
    claims: {
      eduperson_scoped_affiliation: ['student@alatoo.example', 'member@alatoo.example'],
      groups: ['students', 'geography-3'],
      department: 'Geography',
    },
  },
  {
    id: 'teacher',
    name: 'Бакыт Эсенбаев',
    role: 'Lecturer, Faculty of Philology',
    claims: {
      eduperson_scoped_affiliation: ['faculty@alatoo.example', 'member@alatoo.example'],
      groups: ['teachers'],
      department: 'Philology',
    },
  },
  {
    id: 'librarian',
    name: 'Нургүл Осмонова',
    role: 'Library staff: finds the staff console in the menu',
    claims: {
      eduperson_scoped_affiliation: ['staff@alatoo.example', 'member@alatoo.example'],
      groups: ['library-staff'],
      department: 'Library',
    },
  },
  {
    id: 'alumna',
    name: 'Елена Ким',
    role: 'Graduate of 2019: knows the way in, but no licence covers her',
    claims: {
      eduperson_scoped_affiliation: ['alum@alatoo.example'],
      groups: ['alumni'],
    },
  },
  {
    id: 'guest',
    name: 'Тимур Назаров',
    role: 'Has an account, but the university says nothing about him',
    claims: {},
  },
]

/** The account of an id. */
export function findAccount(id: string): Account | undefined {
  return accounts.find((account) => account.id === id)
}
