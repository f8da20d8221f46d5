/**
 * A collection for tests: titles in both scripts, every kind of badge, names in one or three
 * languages.
 */
import type { LicenceTerms } from '../../src/core/licence.ts'
import type { Resource } from '../../src/core/resource.ts'

/** A resource with the given differences from a plain one. */
export function resourceOf(
  id: string,
  {
    licence = {},
    ...more
  }: Partial<Omit<Resource, 'licence'>> & { licence?: Partial<LicenceTerms> },
): Resource {
  const host = `www.${id}.org`
  return {
    id,
    file: `rules/${id}.yaml`,
    title: { en: id },
    description: {},
    provider: '',
    subjects: [],
    startUrl: `https://${host}/start?from=library`,
    hosts: [{ host, match: 'exact', scheme: 'https' }],
    isOpen: true,
    ...more,
    licence: {
      graceDays: 0,
      categories: ['student', 'faculty', 'staff'],
      groups: [],
      remote: 'anywhere',
      sites: [],
      pool: id,
      seatIdleSeconds: 900,
      ...licence,
    },
  }
}

/** The collection of most tests. */
export const collection: readonly Resource[] = [
  resourceOf('jstor', {
    title: { en: 'JSTOR' },
    provider: 'ITHAKA',
    subjects: ['Тарых', 'Филология'],
    description: {
      ky: 'Гуманитардык жана коомдук илимдер боюнча журналдардын архиви, биринчи санынан баштап.',
      ru: 'Архив журналов по гуманитарным и общественным наукам, с первых выпусков.',
      en: 'An archive of journals in the humanities and social sciences, from their first issues on.',
    },
    licence: { seats: 3, untilOn: '2027-12-31', fromOn: '2026-01-01' },
  }),
  resourceOf('scopus', {
    title: { en: 'Scopus' },
    provider: 'Elsevier',
    subjects: ['Бардык илимдер'],
    description: { en: 'Abstracts and citations of reviewed journals, books and proceedings.' },
    licence: { seats: 5 },
  }),
  resourceOf('full', {
    title: { en: 'IEEE Xplore' },
    provider: 'IEEE',
    subjects: ['Инженерия'],
    description: { ru: 'Статьи и стандарты по электротехнике и информатике.' },
    licence: { seats: 3 },
  }),
  resourceOf('eurasia', {
    title: { ky: 'Ала-Тоо электрондук китепканасы', ru: 'Электронная библиотека «Ала-Тоо»' },
    provider: 'Ала-Тоо университети',
    subjects: ['Филология', 'Тарых'],
    description: {
      ky: 'Университеттин окутуучуларынын эмгектери, диссертациялар жана сейрек кездешүүчү китептер.',
    },
    licence: { remote: 'anywhere' },
  }),
  resourceOf('manas', {
    title: { ky: 'Өнөр жана маданият архиви', ru: 'Архив искусства и культуры' },
    provider: 'Улуттук китепкана',
    subjects: ['Маданият'],
  }),
  resourceOf('elibrary', {
    title: { ru: 'Научная электронная библиотека' },
    provider: 'eLIBRARY.RU',
    subjects: ['Бардык илимдер'],
  }),
  resourceOf('closed', {
    title: { en: 'ProQuest Dissertations' },
    provider: 'Clarivate',
    isOpen: false,
  }),
  resourceOf('future', {
    title: { en: 'Nature Portfolio' },
    provider: 'Springer Nature',
    licence: { fromOn: '2027-01-15' },
  }),
  resourceOf('ended', {
    title: { en: '3D Anatomy Atlas' },
    provider: 'Primal Pictures',
    licence: { untilOn: '2025-06-30' },
  }),
  resourceOf('lecturers', {
    title: { en: 'Éditions d’études orientales' },
    provider: 'Brill',
    licence: { categories: ['faculty'], groups: ['orientalists'] },
  }),
  resourceOf('rooms', {
    title: { ky: 'Мыйзамдар базасы', ru: 'База законодательства' },
    provider: 'Токтом',
    licence: { remote: 'listed_sites', sites: ['Башкы корпус', 'Ош'] },
  }),
]
