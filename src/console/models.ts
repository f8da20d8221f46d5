/**
 * What the views of the console show, as values.
 * @module
 */
import type { OverrideRequest } from '../control/override-request.ts'
import type { FormModel, Marked, Term } from '../pages/models.ts'

/** A licence with a day that staff should know of. */
export interface DeadlineModel {
  readonly id: string
  readonly title: Marked
  readonly kind: 'shut' | 'wait'
  readonly text: string
}

/** A pool in a list. */
export interface PoolModel {
  readonly name: string
  readonly titles: readonly Marked[]
  readonly seats: number
  /** Absent when the store cannot tell. */
  readonly used?: number
  readonly kind: 'ready' | 'wait'
  readonly text: string
}

/** The start page. */
export interface OverviewModel {
  readonly lines: readonly Term[]
  readonly deadlines: readonly DeadlineModel[]
  readonly noDeadlines: string
  /** The fullest ones. */
  readonly pools: readonly PoolModel[]
}

/** All pools, the fullest first. */
export interface SeatsModel {
  readonly pools: readonly PoolModel[]
  /** Told when there are more pools than are shown. */
  readonly more?: string
}

/** Somebody who holds a seat, under a key that means nothing elsewhere. */
export interface HolderModel {
  readonly key: string
  readonly since: string
  readonly until: string
  /** Kept for somebody who waited and has not come yet. */
  readonly isOnHold: boolean
}

/** One pool with its holders. */
export interface PoolPageModel {
  readonly pool: PoolModel
  /** Absent when the store cannot tell. */
  readonly holders?: readonly HolderModel[]
  /** Told when somebody waits. */
  readonly waiting?: string
  readonly more?: string
  /** Present for those who may release. */
  readonly form?: FormModel
  /** The holder about whom "release" asks once more. */
  readonly asked?: HolderModel
  readonly notice?: 'released' | 'gone'
}

/** A set that was put into force. */
export interface VersionModel {
  readonly version: number
  readonly title: string
  /** When, by whom, why; empty when the store holds something else there. */
  readonly lines: readonly Term[]
  /** As the command line tells it. */
  readonly summary: string
  readonly changes?: { readonly title: string; readonly lines: readonly string[] }
}

/** An override that holds, or one that cannot be read and does not. */
export interface OverrideModel {
  readonly id: number
  readonly name: string
  readonly kind: 'shut' | 'wait'
  /** What it is about: a database, or a name, range or key. */
  readonly title?: Marked
  readonly code?: string
  readonly text?: string
  /** What readers are told. */
  readonly message?: Marked
  readonly lines: readonly Term[]
}

/** The rules in force. */
export interface RulesModel {
  readonly isStoreAway: boolean
  /** Told when this process serves another version than the store has. */
  readonly warning?: string
  /** Instead of a version, while none was published or the store does not tell. */
  readonly lines: readonly Term[]
  readonly now?: VersionModel
  readonly overrides: readonly OverrideModel[]
  readonly more?: string
  /** Those before, the newest first. */
  readonly history: readonly VersionModel[]
  /** Both present for those who may act. */
  readonly form?: FormModel
  readonly kinds?: readonly ('suspension' | 'block' | 'closure' | 'seats')[]
  /** The override about which "end" asks once more, and what of the answer does not do. */
  readonly asked?: OverrideModel
  readonly problem?: string
  readonly notice?: 'begun' | 'ended' | 'gone' | 'restored'
}

/** What was typed into the form that begins an override, by the name of the field; empty where nothing was. */
export interface TypedOverride {
  readonly kind: OverrideRequest['kind']
  readonly provider: string
  readonly subject: string
  readonly patron: string
  readonly range: string
  readonly resource: string
  readonly pool: string
  readonly seats: string
  readonly message_ky: string
  readonly message_ru: string
  readonly message_en: string
  readonly until: string
  readonly why: string
}

/** That form, as it was filled in. */
export interface OverrideFormModel extends TypedOverride {
  readonly form: FormModel
  readonly providers: readonly {
    readonly id: string
    readonly name: string
    readonly isChosen: boolean
  }[]
  readonly resources: readonly { readonly id: string; readonly title: string }[]
  readonly pools: readonly string[]
  /** `full` is about no field: no more overrides can be begun. */
  readonly problem?: { readonly field: string; readonly text: string }
}

/** Whether to bring back an earlier set. */
export interface RestoreModel {
  readonly version: number
  /** The version that it is compared with. */
  readonly before?: number
  readonly summary?: string
  readonly changes: readonly string[]
  readonly more?: string
  /** What `check` would say of it: warnings, or why it would not do. */
  readonly findings: readonly string[]
  readonly isUnfit?: true
  /** Absent when there is nothing to do. */
  readonly form?: FormModel & { readonly before: string }
  readonly problem?: { readonly field: 'why' | 'overtaken'; readonly text: string }
}

/** Values of sign-ins that mean nothing yet. */
export interface ClaimsModel {
  /** Absent when the store cannot tell. */
  readonly values?: readonly {
    readonly value: string
    readonly provider: string
    readonly seen: string
    readonly last: string
  }[]
  readonly more?: string
  /** How the first of them would stand in the configuration. */
  readonly example?: string
}

/** One link of a database. */
export interface LinkModel {
  readonly kind: 'ready' | 'wait' | 'shut' | 'unasked'
  /** Which one it is. */
  readonly name: string
  readonly url: string
  /** What the last look found. */
  readonly found: string
  readonly todo?: string
  readonly lines: readonly Term[]
  readonly leadsTo?: string
  /** In English. */
  readonly detail?: string
}

/** How the links of a database stand. */
export interface ResourceLinksModel extends NamedModel {
  readonly kind: 'ready' | 'wait' | 'shut' | 'unasked'
  readonly text: string
  readonly links: readonly LinkModel[]
  /** False where the rule says that no program may visit. */
  readonly isChecked: boolean
}

/** A database by its name. */
export interface NamedModel {
  readonly id: string
  readonly title: Marked
}

/** What a reader told. */
export interface LinkReportRowModel {
  readonly id: string
  readonly reference: string
  readonly resource: NamedModel
  readonly kind: string
  readonly lines: readonly Term[]
  readonly text?: string
  /** Reference of the page that showed an error. */
  readonly about?: string
}

/** Health of links. */
export interface LinksModel {
  readonly isStoreAway: boolean
  /** The one database that is asked about. */
  readonly one?: NamedModel
  readonly lines: readonly Term[]
  readonly filters: readonly {
    /** Absent for all. */
    readonly standing?: string
    readonly text: string
    readonly count: string
    readonly isChosen: boolean
  }[]
  readonly reports: readonly LinkReportRowModel[]
  readonly moreReports?: string
  /** The worst first. */
  readonly links: readonly ResourceLinksModel[]
  readonly more?: string
  /** Present for those who may act. */
  readonly form?: FormModel
  /** The report about which "end" asks once more. */
  readonly asked?: {
    readonly report: LinkReportRowModel
    readonly ends: readonly {
      readonly end: string
      readonly text: string
      readonly isChosen: boolean
    }[]
  }
  readonly problem?: { readonly field: 'why' | 'end'; readonly text: string }
  readonly notice?: string
}

/** The form of "Why may they not?" as it was filled in. */
export interface QuestionModel {
  readonly target: string
  readonly address: string
  readonly categories: readonly {
    readonly name: string
    readonly label: string
    readonly isChosen: boolean
  }[]
  readonly groups: string
  readonly unit: string
  readonly providers: readonly {
    readonly id: string
    readonly name: string
    readonly isChosen: boolean
  }[]
  readonly subject: string
  readonly at: string
  readonly targets: readonly { readonly id: string; readonly title: string }[]
}

/** One step of the decision. */
export interface StepModel {
  readonly name: string
  readonly outcome: string
  readonly kind: 'ready' | 'shut' | 'unasked'
  /** As `darbaza explain` prints it. */
  readonly detail: string
  /** File, line and setting; absent for what was not asked. */
  readonly rule?: string
}

/** The answer. */
export interface ExplanationModel {
  readonly verdict: string
  readonly kind: 'ready' | 'shut' | 'wait'
  readonly title: Marked
  readonly lines: readonly Term[]
  readonly steps: readonly StepModel[]
  /** What the reader is shown when they may not. */
  readonly shown?: { readonly title: string; readonly text: string; readonly action: string }
  readonly link: string
}

/** "Why may they not?" */
export interface ExplainModel {
  readonly question: QuestionModel
  readonly problem?: {
    readonly field: 'target' | 'address' | 'category' | 'at'
    readonly text: string
  }
  readonly answer?: ExplanationModel
}

/** A publisher whose reports are harvested. */
export interface PublisherModel {
  readonly id: string
  readonly title: Marked
  readonly kind: 'ready' | 'wait' | 'shut'
  readonly state: string
  readonly lines: readonly Term[]
  readonly isChosen: boolean
}

/** Both figures of one metric. */
export interface BothModel {
  readonly metric: string
  readonly text: string
  /** What is worth a look. */
  readonly gap?: string
}

/** A month of the chosen publisher. */
export interface BothMonthModel {
  readonly month: string
  readonly gap?: string
  readonly counts: readonly BothModel[]
}

/** Publishers' own reports beside what the gateway saw. */
export interface CounterModel {
  /** Absent when the store cannot tell. */
  readonly publishers?: readonly PublisherModel[]
  readonly chosen?: { readonly title: Marked; readonly months: readonly BothMonthModel[] }
}
