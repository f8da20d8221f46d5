/**
 * The articles of "Steppe Languages & Letters": made up from the first word to the last number.
 * @module
 */
import type { Article } from './article.ts'

/** Newest first. */
export const lettersArticles: readonly Article[] = [
  {
    doi: '10.5555/sll.2026.0101',
    journal: 'sll',
    title: 'Vowel harmony in borrowed verbs: evidence from Kyrgyz text messages',
    authors: [
      { name: 'Jyldyz Mamatova', institution: 'Department of Kyrgyz Philology, Osh' },
      { name: 'Daniel Whitcombe', institution: 'Institute of Contact Linguistics' },
    ],
    publishedOn: '2026-02-11',
    volume: 11,
    issue: 1,
    firstPage: 3,
    lastPage: 19,
    keywords: ['Kyrgyz', 'vowel harmony', 'borrowing', 'text messages', 'өздөштүрүлгөн сөздөр'],
    abstract:
      'Borrowed verbs test a grammar: they arrive with vowels that the language did not choose. In 18,400 text messages given by 212 writers, suffixes follow the last vowel of the borrowed stem in 93 per cent of cases, the same rate as in native words. The exceptions are not random: they cluster in words read more often than heard.',
    abstracts: {
      ky: 'Өздөштүрүлгөн этиштер грамматиканы сынайт: алар тил өзү тандабаган үндүүлөр менен келет. 212 кишинин 18 400 билдирүүсүндө мүчөлөр уңгунун акыркы үндүүсүнө 93 пайыз учурда баш ийет.',
      ru: 'Заимствованные глаголы испытывают грамматику: они приходят с гласными, которых язык не выбирал. В 18 400 сообщениях 212 авторов аффиксы следуют последнему гласному основы в 93 процентах случаев.',
    },
    sections: [
      {
        heading: 'The question',
        paragraphs: [
          'A Kyrgyz speaker who borrows a verb has to give it suffixes, and a suffix needs a vowel. The textbook says that the vowel follows the stem. The textbook was written before the words that we ask about existed.',
        ],
      },
      {
        heading: 'Messages and writers',
        paragraphs: [
          'Writers gave their messages after reading what would be done with them; names, numbers and places were replaced before anybody of the project saw a line. Half of the writers live in towns, half in villages; the youngest was 18, the eldest 81 and the most prolific by far.',
        ],
        figure: {
          caption: 'Harmonic suffixes after native and borrowed stems, by age of the writer.',
          kind: 'bars',
          yLabel: 'per cent',
          xTicks: ['18–30', '31–45', '46–60', 'over 60'],
          series: [
            { name: 'native', values: [94, 95, 96, 97] },
            { name: 'borrowed', values: [92, 94, 94, 93] },
          ],
        },
      },
      {
        heading: 'Words for the eye',
        paragraphs: [
          'The exceptions share one property. They are words that people meet on screens before they hear them: names of buttons, of file types, of errors. A word without a sound has no last vowel to follow, and the writer falls back on the commonest suffix. When the word is spoken for a year, harmony returns.',
        ],
      },
    ],
    references: [
      {
        text: 'Mamatova J. Tap, swipe, taptoo: touch-screen verbs. Steppe Languages & Letters 2022; 7(2): 71–80.',
        doi: '10.5555/sll.2022.0204',
      },
      {
        text: 'Whitcombe D. Suffixes in search of a vowel. Contact Linguistics Notes 2018; 12: 1–22.',
        doi: '10.5555/cln.2018.1201',
      },
    ],
  },
  {
    doi: '10.5555/sll.2025.0204',
    journal: 'sll',
    title: 'Digitising the village newspaper: text recognition for Kyrgyz in three alphabets',
    authors: [
      { name: 'Kanykei Asanova', institution: 'Regional Library, Naryn' },
      { name: 'Oleg Vdovin', institution: 'Ala-Too State University' },
    ],
    publishedOn: '2025-11-28',
    volume: 10,
    issue: 2,
    firstPage: 60,
    lastPage: 74,
    keywords: ['digitisation', 'OCR', 'newspapers', 'Kyrgyz', 'Arabic script', 'Latin script'],
    abstract:
      'District newspapers of the 1920s to 1950s changed their alphabet twice, sometimes within one issue. We trained one recogniser on 1,900 hand-typed columns in Arabic, Latin and Cyrillic letters. It reads Cyrillic at 98.9, Latin at 97.2 and Arabic at 94.6 per cent of characters, and it finds by itself where an alphabet ends and another begins.',
    sections: [
      {
        heading: 'Paper that changed its letters',
        paragraphs: [
          'In a cupboard of the Naryn library lie eleven hundred issues of a newspaper that was set in three alphabets within a generation. Readers ask for their grandparents by name, and a name can be spelled in nine ways.',
        ],
      },
      {
        heading: 'One recogniser or three',
        paragraphs: [
          'Three recognisers, one for each alphabet, need a person to tell them which is which. One recogniser that knows all letters made 14 per cent fewer errors on mixed pages and 2 per cent more on pure ones. Libraries have mixed cupboards; we chose the one.',
        ],
        figure: {
          caption: 'Characters read correctly, by alphabet and number of hand-typed columns.',
          kind: 'lines',
          yLabel: 'per cent',
          xTicks: ['200', '500', '900', '1,400', '1,900'],
          series: [
            { name: 'Cyrillic', values: [91, 95, 97.5, 98.4, 98.9] },
            { name: 'Latin', values: [84, 91, 94.8, 96.5, 97.2] },
            { name: 'Arabic', values: [66, 80, 88.9, 92.7, 94.6] },
          ],
        },
      },
    ],
    references: [
      {
        text: 'Asanova K. A cupboard in Naryn. Library Notes 2023; 5: 2–9.',
        doi: '10.5555/lno.2023.0502',
      },
    ],
  },
  {
    doi: '10.5555/sll.2025.0201',
    journal: 'sll',
    title: 'How long is a line? Breath and metre in recordings of epic singers',
    authors: [{ name: 'Saltanat Beishenova', institution: 'Conservatory Library, Bishkek' }],
    publishedOn: '2025-11-03',
    volume: 10,
    issue: 2,
    firstPage: 31,
    lastPage: 44,
    keywords: ['epic', 'metre', 'performance', 'recordings'],
    abstract:
      'Editions of epics print seven or eight syllables to the line. Recordings disagree: singers breathe after four lines at a gallop and after one in grief. Measured on 19 hours of tape, breath, not the syllable, is the unit that stays constant within a scene.',
    sections: [
      {
        heading: 'Ears before rulers',
        paragraphs: [
          'A printed line is a decision of the printer. The singer decides with the lungs. This article measures where nineteen singers breathe, and asks what an edition would look like that broke its lines there.',
        ],
      },
      {
        heading: 'Nineteen hours',
        paragraphs: [
          'Tapes were cut into scenes by two listeners who agreed in nine cases out of ten. Within a scene the length between two breaths varies by 11 per cent; between scenes it doubles and halves. A page set by breath reads aloud almost by itself.',
        ],
      },
    ],
    references: [
      {
        text: 'Beishenova S. Catalogue of the tape archive. Bishkek, 2020.',
      },
    ],
  },
]
