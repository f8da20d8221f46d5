/**
 * Publishers' own reports: how the harvest of each stands, and both figures of one side by side.
 * @module
 */
import type { GatewayContext } from '../core/context.ts'
import { isStoreAway } from '../core/errors.ts'
import type { ComparedMonth, HarvestStanding, HarvestState } from '../core/harvest.ts'
import type { Language } from '../core/languages.ts'
import type { Resource } from '../core/resource.ts'
import type { Words } from '../locales/words.ts'
import { momentText, numberText } from '../pages/formats.ts'
import { monthText } from '../pages/month-text.ts'
import type { BothMonthModel, CounterModel, PublisherModel } from './models.ts'
import type { ConsoleParts } from './parts.ts'

type CounterParts = Pick<ConsoleParts, 'config' | 'harvest' | 'words'>

/** The page: all publishers, and the months of the one that the query names. */
export async function counterModel(
  context: GatewayContext,
  parts: CounterParts,
): Promise<CounterModel> {
  const { harvest, words } = parts
  const { language, rulebook } = context.state
  const harvested = [...rulebook.resources.values()].filter(({ sushi }) => sushi !== undefined)
  const wanted = new URLSearchParams(context.querystring).get('resource')
  const chosen = harvested.find(({ id }) => id === wanted)
  try {
    const [standings, months] = await Promise.all([
      harvest.standings(harvested.map(({ id }) => id)),
      chosen === undefined ? [] : harvest.comparison(chosen.id),
    ])
    return {
      publishers: standings.flatMap((standing) => {
        const resource = rulebook.resources.get(standing.resourceId)
        return resource === undefined
          ? []
          : [publisherModel(standing, { resource, isChosen: resource === chosen, language }, parts)]
      }),
      ...(chosen && {
        chosen: {
          title: words.textOf(chosen.title, language),
          months: months.map((month) => monthModel(month, language, words)),
        },
      }),
    }
  } catch (error) {
    if (isStoreAway(error)) return {}
    throw error
  }
}

const kinds = {
  done: 'ready',
  incomplete: 'ready',
  queued: 'wait',
  'told-to-wait': 'wait',
  unavailable: 'wait',
  refused: 'shut',
  unusable: 'shut',
  'no-secret': 'shut',
} as const satisfies Record<HarvestState, PublisherModel['kind']>

interface Shown {
  readonly resource: Resource
  readonly isChosen: boolean
  readonly language: Language
}

function publisherModel(
  { months, last }: HarvestStanding,
  { resource, isChosen, language }: Shown,
  { config, words }: CounterParts,
): PublisherModel {
  const { timeZone } = config.institution
  const detail = words.say(language, 'harvest.detail')
  const remarks =
    last?.remarks.map((remark) => words.say(language, `harvest.remark_${remark}`)) ?? []
  const told = [...(last?.detail === undefined ? [] : [last.detail]), ...remarks]
  return {
    id: resource.id,
    title: words.textOf(resource.title, language),
    kind: last === undefined ? 'wait' : kinds[last.state],
    state: words.say(language, `harvest.state_${last?.state ?? 'never'}`),
    lines: [
      { name: words.say(language, 'harvest.months'), value: numberText(months, language) },
      ...(last === undefined
        ? []
        : [
            {
              name: words.say(language, 'harvest.asked'),
              value: momentText(last.at, language, timeZone),
            },
            {
              name: words.say(language, 'harvest.again'),
              value: momentText(last.nextAt, language, timeZone),
            },
          ]),
      ...told.map((value) => ({ name: detail, value })),
    ],
    isChosen,
  }
}

function monthModel(
  { month, gap, counts }: ComparedMonth,
  language: Language,
  words: Words,
): BothMonthModel {
  return {
    month: monthText(month, language),
    ...(gap !== undefined && { gap: words.say(language, `harvest.gap_${gap}`) }),
    counts: counts
      .filter(({ gateway, publisher = 0 }) => gateway + publisher > 0)
      .map(({ metric, gateway, publisher, gap: own }) => ({
        metric: words.say(language, `harvest.metric_${metric}`),
        text: words.say(language, publisher === undefined ? 'harvest.gateway' : 'harvest.both', {
          gateway: numberText(gateway, language),
          publisher: numberText(publisher ?? 0, language),
        }),
        ...(own !== undefined && { gap: words.say(language, `harvest.gap_${own}`) }),
      })),
  }
}
