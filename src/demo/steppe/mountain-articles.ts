/**
 * The articles of "Inner Asian Mountain Research": made up from the first word to the last number.
 * @module
 */
import type { Article } from './article.ts'

/** Newest first. */
export const mountainArticles: readonly Article[] = [
  {
    doi: '10.5555/iamr.2026.0102',
    journal: 'iamr',
    title: 'Snowmelt timing and irrigation demand in the upper Chu valley, 1998–2024',
    authors: [
      { name: 'Aizada Toktogulova', institution: 'Institute of Mountain Waters, Bishkek' },
      { name: 'Maksat Dzhumabaev', institution: 'Ala-Too State University' },
      { name: 'Larisa Petrenko', institution: 'Ala-Too State University' },
    ],
    publishedOn: '2026-03-14',
    volume: 12,
    issue: 1,
    firstPage: 1,
    lastPage: 14,
    keywords: ['snowmelt', 'irrigation', 'runoff', 'Chu valley', 'water allocation'],
    abstract:
      'Farmers of the upper Chu valley plan their first watering by the calendar, while the rivers follow the snow. We compare 27 years of daily discharge from three gauges with field records of 41 water user associations. Peak flow came 11 days earlier at the end of the period than at its beginning; demand did not move. The gap is now wide enough that a third of the April water leaves the valley unused. A simple forecast from the snow cover of 1 March would close half of the gap without new reservoirs.',
    abstracts: {
      ky: 'Чүй өрөөнүнүн жогорку бөлүгүндөгү дыйкандар биринчи сугатты календарь боюнча пландашат, ал эми дарыялар кардын эришине жараша агат. Биз үч бекеттин 27 жылдык маалыматын 41 суу пайдалануучулар бирикмесинин жазуулары менен салыштырдык. Суунун эң көп келген учуру 11 күнгө эрте башталып калды, суроо-талап болсо өзгөргөн жок.',
      ru: 'Крестьяне верхней части Чуйской долины назначают первый полив по календарю, а реки следуют за снегом. Мы сопоставили 27 лет ежедневных расходов воды на трёх постах с записями 41 ассоциации водопользователей. Пик стока наступает теперь на 11 дней раньше, а спрос не сдвинулся. Простой прогноз по снежному покрову на 1 марта закрыл бы половину разрыва без новых водохранилищ.',
    },
    sections: [
      {
        heading: 'Introduction',
        paragraphs: [
          'Irrigation in the Chu valley is older than any record of it. The canals that leave the river between Kemin and Tokmok are opened on dates that every village knows by heart, and most of them were fixed when the winters were longer. A water master who opens a gate a week early has to answer to his neighbours downstream; one who opens it a week late has to answer to his own village.',
          'Whether these dates still fit the rivers has been argued for years, mostly with single seasons as evidence: the dry April of 2008, the flood of 2010, the long cold spring of 2017. Single seasons prove little. In this article we put the daily discharge of three gauges beside the written watering plans of 41 water user associations and ask two questions. Has the time of melt moved? And has the plan moved with it?',
        ],
      },
      {
        heading: 'Study area and data',
        paragraphs: [
          'The three gauges stand where the rivers leave the mountains, above every canal: the first at 1,420 m, the second at 1,310 m, the third at 1,180 m. Their catchments cover 2,960 square kilometres together, of which a tenth is ice. Observers read the staff twice a day; since 2006 a pressure sensor has recorded every ten minutes, and we use the overlap of both to correct the older record.',
          'Watering plans were copied by hand from the books of the associations. A plan names, for each field canal, the ten-day period of the first watering and the volume asked for. Of 1,107 seasons of plans, 1,062 could be read and dated; the rest had suffered from damp and, in two villages, from mice.',
        ],
        figure: {
          caption:
            'Mean daily discharge at the upper gauge by month, at the beginning and the end of the period.',
          kind: 'lines',
          yLabel: 'cubic metres per second',
          xTicks: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct'],
          series: [
            { name: '1998–2006', values: [9, 9, 12, 24, 46, 71, 78, 60, 34, 18] },
            { name: '2016–2024', values: [10, 11, 18, 39, 63, 76, 70, 51, 29, 17] },
          ],
        },
      },
      {
        heading: 'Method',
        paragraphs: [
          'For each year and gauge we take the day on which half of the discharge from January to September has passed, the centre of mass of the season. It is less nervous than the day of the peak, which a single storm can move by a month. Demand is treated in the same way: the day by which half of the planned volume is to be delivered.',
          'Trends are tested with the Mann–Kendall statistic after removal of serial correlation, and slopes are given as Sen medians with intervals from 10,000 resamples. Years with more than twelve missing days between March and June were left out: two at the second gauge, one at the third.',
        ],
      },
      {
        heading: 'Results',
        paragraphs: [
          'The centre of the season came 4.1 days earlier in each decade (interval 2.6 to 5.5), that is 11 days over the whole period. All three gauges agree in sign and nearly in size. The shift is strongest in April, whose share of the season rose from 7 to 11 per cent, and it is paid for by August.',
          'Demand stood still. The centre of the planned volume moved by 0.3 days in each decade (interval −0.4 to 1.1), which is to say that it did not move. The difference between what the rivers carry and what the canals ask for in April grew from 21 to 58 million cubic metres. This is water that nobody has planned for; it runs to the plain and, in most years, to the reservoir of another country.',
        ],
        figure: {
          caption: 'Water carried and water asked for in April, in three nine-year periods.',
          kind: 'bars',
          yLabel: 'million cubic metres',
          xTicks: ['1998–2006', '2007–2015', '2016–2024'],
          series: [
            { name: 'carried', values: [62, 81, 101] },
            { name: 'asked for', values: [41, 42, 43] },
          ],
        },
      },
      {
        heading: 'Discussion',
        paragraphs: [
          'It would be easy to conclude that reservoirs are needed. They may be; but the same table shows that a plan made in March, from the snow that already lies, would recover about half of the April surplus. Snow cover on 1 March explains 61 per cent of the variance of April discharge, better than any forecast of temperature that we tried.',
          'The obstacle is not knowledge. Water masters told us, without being asked, that the snow decides. What they lack is a rule that lets them act on it: a date in the book protects them, a judgement does not. We propose three plans instead of one (early, middle and late), agreed in winter, and a public reading of the snow on 1 March that chooses among them.',
        ],
      },
      {
        heading: 'Conclusions',
        paragraphs: [
          'Melt has moved by eleven days in a generation, and the canals have not. Before concrete is poured, the calendar should be opened.',
        ],
      },
    ],
    references: [
      {
        text: 'Abdykerimov T., Olsson R. Staff gauges and pressure sensors: fifteen years of overlap. Inner Asian Mountain Research 2021; 7(2): 88–97.',
        doi: '10.5555/iamr.2021.0207',
      },
      {
        text: 'Isakova G. Who opens the gate? Custom and liability in canal villages. Steppe Languages & Letters 2019; 4(1): 12–30.',
        doi: '10.5555/sll.2019.0101',
      },
      {
        text: 'Petrenko L., Dzhumabaev M. Snow on the first of March as a seasonal predictor. Inner Asian Mountain Research 2023; 9(1): 41–55.',
        doi: '10.5555/iamr.2023.0104',
      },
      {
        text: 'Toktogulova A. The watering books: an archive of 41 villages. Data report, Bishkek, 2024.',
      },
    ],
  },
  {
    doi: '10.5555/iamr.2026.0103',
    journal: 'iamr',
    title: 'Walnut–fruit forest regeneration after six years of grazing exclosure',
    authors: [
      { name: 'Nurlan Saparbekov', institution: 'Southern Forest Station, Jalal-Abad' },
      { name: 'Ingrid Halvorsen', institution: 'Nordic College of Forestry' },
    ],
    publishedOn: '2026-03-02',
    volume: 12,
    issue: 1,
    firstPage: 15,
    lastPage: 23,
    keywords: ['walnut', 'Juglans regia', 'grazing', 'forest regeneration'],
    abstract:
      'Old walnut trees stand over bare ground in much of the forest belt, and seedlings are rare. We fenced 24 plots against cattle and counted young trees for six summers. Seedlings of walnut rose from 3 to 41 for each hundred square metres, apple and plum followed two years later, and hay cut by hand from the same plots repaid two thirds of the fence.',
    sections: [
      {
        heading: 'Introduction',
        paragraphs: [
          'A forest in which every tree is older than the forester has no future, however handsome it looks. In the belt between 1,200 and 1,900 m most walnut trees are past eighty, and below them grow nettles and short grass. Cattle are the usual suspects. They are also the only savings of many households, and a fence that protects a seedling may ruin a family.',
        ],
      },
      {
        heading: 'Plots and counts',
        paragraphs: [
          'Twenty-four pairs of plots were drawn by lot from a grid; one of each pair was fenced in the autumn of 2018. Owners were paid in hay rather than money and kept the right to mow. Seedlings above 10 cm were counted each June by the same two people.',
        ],
        figure: {
          caption: 'Seedlings for each hundred square metres in fenced and open plots.',
          kind: 'lines',
          yLabel: 'seedlings',
          xTicks: ['2019', '2020', '2021', '2022', '2023', '2024'],
          series: [
            { name: 'fenced', values: [3, 7, 15, 24, 33, 41] },
            { name: 'open', values: [3, 3, 4, 3, 4, 3] },
          ],
        },
      },
      {
        heading: 'What it means for a forest office',
        paragraphs: [
          'The fence paid back two thirds of its price in hay within six years and will stand for ten. No subsidy scheme that we know of is so cheap for each tree that survives its fifth winter. The remaining third is the true price of a seedling, and it is less than a cup of tea.',
        ],
      },
    ],
    references: [
      {
        text: 'Halvorsen I. Fences as bank accounts. Nordic Forestry Papers 2020; 31: 5–19.',
        doi: '10.5555/nfp.2020.3101',
      },
      { text: 'Saparbekov N. Field book of the Southern Forest Station, 2018–2024. Manuscript.' },
    ],
  },
  {
    doi: '10.5555/iamr.2025.0201',
    journal: 'iamr',
    title: 'Low-cost sensing of winter air quality in forty Bishkek schools',
    authors: [
      { name: 'Begimai Orozova', institution: 'Ala-Too State University' },
      { name: 'Timur Rakhimov', institution: 'School No. 114, Bishkek' },
    ],
    publishedOn: '2025-10-20',
    volume: 11,
    issue: 2,
    firstPage: 101,
    lastPage: 112,
    keywords: ['air quality', 'PM2.5', 'schools', 'low-cost sensors'],
    abstract:
      'Pupils built and kept forty fine-dust sensors through two winters. After calibration against one reference instrument the median error was 9 per cent. Classrooms on the street side were dustier than the street itself after the second lesson: airing at the wrong time brings the smoke in. Moving the long break by forty minutes lowered indoor values by a quarter.',
    sections: [
      {
        heading: 'Introduction',
        paragraphs: [
          'Bishkek burns coal in winter, and a city that can smell its air needs no instrument to know it. What schools can change is smaller: when windows are opened, and on which side of the building the youngest sit.',
        ],
      },
      {
        heading: 'Sensors kept by pupils',
        paragraphs: [
          'Each school received a kit for less than the price of a football. Pupils of the ninth form soldered it, wrote the log and rang us when it failed, which happened 212 times. Every failure is in the data file; none was repaired by guesswork.',
        ],
        figure: {
          caption: 'Fine dust by lesson, indoors and outdoors, median of two winters.',
          kind: 'bars',
          yLabel: 'micrograms per cubic metre',
          xTicks: ['1st', '2nd', '3rd', '4th', '5th', '6th'],
          series: [
            { name: 'classroom', values: [62, 88, 97, 84, 71, 60] },
            { name: 'street', values: [110, 84, 72, 66, 61, 58] },
          ],
        },
      },
      {
        heading: 'A cheap remedy',
        paragraphs: [
          'The long break was moved from 9.40 to 10.20 in half of the schools, drawn by lot. Indoor values fell by a quarter, marks did not change, and the canteens complained for a fortnight.',
        ],
      },
    ],
    references: [
      {
        text: 'Rakhimov T. What ninth-formers can solder. Teaching Physics 2024; 3: 44–49.',
        doi: '10.5555/tph.2024.0344',
      },
    ],
  },
]
