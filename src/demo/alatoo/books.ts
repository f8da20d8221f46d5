/**
 * The books of Ala-Too Books: made up from cover to cover.
 * @module
 */
import type { Book } from './book.ts'

/** In the order of the shop window. */
export const books: readonly Book[] = [
  {
    slug: 'gory-i-voda',
    language: 'ru',
    title: 'Горы и вода',
    subtitle: 'Очерки о реках Кыргызстана',
    authors: ['Ирина Соколова', 'Бакыт Токтосунов'],
    isbn: '978-0-00-000001-9',
    publishedOn: '2025-04-10',
    palette: 'lake',
    description:
      'Откуда берётся вода в арыке и почему в мае её больше, чем в августе? Двенадцать лет наблюдений, рассказанных без формул: для студентов-географов и всех, кто хоть раз переходил горную реку вброд.',
    chapters: [
      {
        title: 'Река начинается ночью',
        paragraphs: [
          'Летом горная река живёт по своим часам. Утром её можно перейти, не замочив колен; к вечеру она ворочает камни. Вода, которая гремит у моста в шесть часов, растаяла на леднике около полудня и бежала к нам всё это время. Поэтому старые чабаны говорят: река начинается днём, а приходит ночью.',
          'Мы записали этот суточный ход на девяти постах. Самый высокий стоит в двух часах бега воды от ледника, самый низкий — в одиннадцати. По задержке пика можно измерить путь точнее, чем по карте: карта не знает, сколько раз русло разделилось и сошлось снова.',
          'Для полива это не мелочь. Арык, который открывают на рассвете, получает чистую и холодную воду; арык, открытый на закате, — тёплую и мутную. Первая полезнее саду, вторая — полю: ил кормит землю.',
        ],
      },
      {
        title: 'Сколько весит снег',
        paragraphs: [
          'Чтобы узнать, сколько воды лежит на склоне, не нужен спутник — нужны труба, весы и терпение. Труба вырезает столбик снега, весы говорят, сколько в нём воды. За день вдвоём можно взвесить склон; за зиму — долину.',
          'Метр свежего снега даёт десять сантиметров воды, метр мартовского — сорок. Вот почему нельзя судить о весне по высоте сугробов: «много снега» в январе и «много снега» в марте — разные вещи. № 7 наших таблиц показывает, как ошибались прогнозы, которые этого не различали.',
        ],
      },
      {
        title: 'Мост, который переставили',
        paragraphs: [
          'В одном селе мост переносили трижды, и всякий раз выше по течению. Люди думали, что река гонится за мостом. На самом деле она просто возвращалась в старое русло, которое видно на снимках сорокалетней давности.',
          'Мораль этой главы проста: прежде чем строить, спросите реку, где она была. Она отвечает галькой, ивами и названиями урочищ.',
        ],
      },
    ],
  },
  {
    slug: 'kechki-jomoktor',
    language: 'ky',
    title: 'Кечки жомоктор',
    subtitle: 'Балдар үчүн жаңы жомоктор',
    authors: ['Айсулуу Эсенова'],
    isbn: '978-0-00-000002-6',
    publishedOn: '2024-11-01',
    palette: 'night',
    description:
      'Бөдөнө менен бүркүт, токойдогу китепкана, өз көлөкөсүнөн качкан тайлак: уктаар алдында окуй турган он эки жаңы жомок.',
    chapters: [
      {
        title: 'Токойдогу китепкана',
        paragraphs: [
          'Бир токойдо эски жаңгак дарагы бар эле. Анын көңдөйүндө китепкана жайгашкан. Китепканачысы үкү болчу: күндүз уктап, түнкүсүн китеп берчү.',
          'Бир күнү кирпи келип: «Мага ийнесиз чыгарма керек», — деди. Үкү көп ойлонуп, ага булуттар жөнүндө китеп берди. Кирпи аны окуп, үч күн жумшак жүрдү.',
          'Ошондон бери токойдо бир эреже бар: китепти окуган соң аны өз ордуна кой, ал эми андан алган жакшы ойду башкага бер.',
        ],
      },
      {
        title: 'Көлөкөсүнөн качкан тайлак',
        paragraphs: [
          'Кичинекей тайлак өз көлөкөсүнөн коркчу. Чуркаса, көлөкөсү да чуркайт; токтосо, ал да токтойт. «Сен мени эмнеге аңдыйсың?» — деп сурады тайлак.',
          'Көлөкө унчукпады. Түш болгондо ал кичирейип, тайлактын бутунун астына жатып алды. Ошондо тайлак түшүндү: көлөкө аңдыган эмес, күндөн сактанган экен.',
        ],
      },
    ],
  },
  {
    slug: 'counting-readers',
    language: 'en',
    title: 'Counting Readers',
    subtitle: 'A first course in library statistics',
    authors: ['Gulnara Ibraimova', 'Peter Ashdown'],
    isbn: '978-0-00-000003-3',
    publishedOn: '2025-09-01',
    palette: 'meadow',
    description:
      'What a library can count, what it should count, and what happens when it counts the wrong thing. With exercises from a working electronic-resources department.',
    chapters: [
      {
        title: 'What a number is for',
        paragraphs: [
          'A library that reports forty thousand visits has said nothing yet. Compared with what, decided by whom, and what would be done differently if it were thirty? This book begins with the decision and works back to the number, because the other way round produces binders.',
          'Take the simplest case. A database costs as much as a lecturer for half a year. Six people used it in March, four hundred in May. Is it dear? The question cannot be answered from the price and the count alone: it needs to be known who the six were and what they would have done without it.',
          'A useful exercise for the first week: write down three decisions that your library took last year, and the numbers that were on the table. If there were none, ask which would have changed the decision. If none would have, stop counting that.',
        ],
      },
      {
        title: 'Double clicks and other ghosts',
        paragraphs: [
          'A reader who clicks twice has read once. This sounds obvious until one has to say how long the pause may be between two clicks that are one. Thirty seconds is the usual answer; this chapter shows, on a month of real logs, what ten or sixty would have changed. Very little, as it turns out, except for one journal whose pages took forty seconds to load.',
          'Machines read more than people do. The first rule is to subtract those that say so. The second is to look at the clock: nobody opens four hundred articles between three and four in the morning in alphabetical order, or nobody with whom the licence was signed.',
        ],
      },
      {
        title: 'Refusals count',
        paragraphs: [
          'The readers who were turned away are the most interesting ones, and the easiest to forget: they leave no downloads. Two reasons must be kept apart. Either the library has not bought the text, or it has, and all seats were taken. The first asks for a decision about money, the second for a conversation with the publisher.',
          'Keep the refusals by hour as well as by month. Seats are like tables in a canteen: it is no comfort that they are free on average.',
        ],
      },
    ],
  },
  {
    slug: 'kyrgyz-tili',
    language: 'ky',
    title: 'Кыргыз тили күн сайын',
    subtitle: 'Жазуу маданияты боюнча кыскача курс',
    authors: ['Нургүл Сыдыкова', 'Эмил Касымов'],
    isbn: '978-0-00-000004-0',
    publishedOn: '2025-01-15',
    palette: 'dawn',
    description:
      'Кат, арыз, билдирүү, макала: күн сайын жазган тексттерибизди кантип так жана жөнөкөй жазса болот?',
    chapters: [
      {
        title: 'Кыска сүйлөм',
        paragraphs: [
          'Жакшы сүйлөм бир дем менен окулат. Эгер окурман ортосунда токтоп, башына кайрылып келсе, анда сүйлөм узун же иреттелбеген. Ар бир сүйлөмгө бир гана ой жетиштүү.',
          'Көнүгүү: кечээ жазган катыңызды алып, ар бир сүйлөмдү экиге бөлүңүз. Экинчи бөлүгү керекпи? Керек болбосо, өчүрүңүз.',
        ],
      },
    ],
  },
  {
    slug: 'osnovy-geodezii',
    language: 'ru',
    title: 'Основы геодезии в горах',
    subtitle: 'Учебное пособие для полевой практики',
    authors: ['Виктор Ермаков'],
    isbn: '978-0-00-000005-7',
    publishedOn: '2023-08-20',
    palette: 'autumn',
    description:
      'Нивелир, рейка, ветер и осыпь: как провести ход в горах и вернуться с замкнутой невязкой.',
    chapters: [
      {
        title: 'Прежде чем ставить штатив',
        paragraphs: [
          'Штатив, поставленный на осыпь, ошибается вместе с осыпью. Найдите скалу, выход плотной глины или хотя бы старую тропу: по ней ходят потому, что она не едет.',
          'Первый отсчёт всегда берите дважды. Второй раз — после того, как вы убедитесь, что не дышите на уровень.',
        ],
      },
    ],
  },
]

/** The book of a slug. */
export function findBook(slug: string): Book | undefined {
  return books.find((book) => book.slug === slug)
}

/** Books that hold every word of the query in title, authors or description. */
export function searchBooks(query: string): readonly Book[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return books.filter(({ title, subtitle, authors, description }) => {
    const text = [title, subtitle, ...authors, description].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
