/**
 * The shape of a report of COUNTER's form, after the Code of Practice 5.1 (sections 3.2, 3.3, 4.1, 4.2
 * and 5.1): strict where the standard closes a list, so that nothing of ours slips in.
 * @module
 */
import { z } from 'zod'

const month = z.string().regex(/^\d{4}-(?:0[1-9]|1[0-2])$/)
const counts = z.record(month, z.int().min(1)).refine((map) => Object.keys(map).length > 0)
const proprietary = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_./]{1,17}:.+/)
const name = z.string().min(2)

const articles = [
  'Audiovisual',
  'Book',
  'Conference',
  'Database_Full_Item',
  'Image',
  'Interactive_Resource',
  'Journal',
  'Multimedia',
  'Newspaper_or_Newsletter',
  'Other',
  'Patent',
  'Reference_Work',
  'Report',
  'Sound',
  'Standard',
  'Thesis_or_Dissertation',
  'Unspecified',
]

const itemCounts = {
  Total_Item_Investigations: counts.optional(),
  Total_Item_Requests: counts.optional(),
  Unique_Item_Investigations: counts.optional(),
  Unique_Item_Requests: counts.optional(),
}
const titleCounts = {
  Unique_Title_Investigations: counts.optional(),
  Unique_Title_Requests: counts.optional(),
}
const searchCounts = {
  Searches_Automated: counts.optional(),
  Searches_Federated: counts.optional(),
  Searches_Regular: counts.optional(),
}
const denialCounts = { Limit_Exceeded: counts.optional(), No_License: counts.optional() }

const isFull = (map: object): boolean => Object.keys(map).length > 0
const isPair = (map: object): boolean => Object.keys(map).length > 1
const performance = (shape: z.ZodRawShape, is = isFull) => z.strictObject(shape).refine(is)

const method = { Access_Method: z.enum(['Regular', 'TDM']).optional() }
const onPlatform = z.strictObject({
  Data_Type: z.literal('Platform'),
  ...method,
  Performance: performance({ Searches_Platform: counts }),
})
const ofItems = z.strictObject({
  Data_Type: z.enum(articles),
  ...method,
  Performance: performance({ ...itemCounts, ...titleCounts }, isPair),
})
const ofDatabase = z.strictObject({
  Data_Type: z.enum(['Database_AI', 'Database_Aggregated', 'Database_Full']),
  ...method,
  Performance: performance({ ...searchCounts, ...denialCounts }),
})
const read = z.strictObject({
  Data_Type: z.enum(articles),
  Performance: performance(
    {
      Total_Item_Requests: counts,
      Unique_Item_Requests: counts,
      Unique_Title_Requests: counts.optional(),
    },
    isPair,
  ),
})
const untyped = (shape: z.ZodRawShape) => z.strictObject({ Performance: performance(shape) })

const platformItem = (performances: z.ZodType) =>
  z.strictObject({ Platform: name, Attribute_Performance: z.array(performances).min(1) })
const databaseItem = (performances: z.ZodType) =>
  z.strictObject({
    Database: name,
    Publisher: z.string(),
    Platform: name,
    Item_ID: z.strictObject({ Proprietary: proprietary }),
    Attribute_Performance: z.array(performances).min(1),
  })

const dates = {
  Begin_Date: z.string().regex(/^\d{4}-\d\d-01$/),
  End_Date: z.string().regex(/^\d{4}-\d\d-(?:28|29|30|31)$/),
  Platform: name.optional(),
}
const list = z.array(z.string()).min(1).optional()
const chosen = z.strictObject({
  ...dates,
  Metric_Type: list,
  Data_Type: list,
  Access_Method: list,
  Database: name.optional(),
})
const preset = (...metrics: readonly [string, ...string[]]) =>
  z.strictObject({
    ...dates,
    Access_Method: z.tuple([z.literal('Regular')]),
    Metric_Type: z
      .array(z.string())
      .refine((found) => JSON.stringify(found) === JSON.stringify(metrics)),
  })

function report(id: string, title: string, filters: z.ZodType, item: z.ZodType) {
  return z.strictObject({
    Report_Header: z.strictObject({
      Report_Name: z.literal(title),
      Report_ID: z.literal(id),
      Release: z.literal('5.1'),
      Institution_Name: name,
      Institution_ID: z.strictObject({
        ISIL: list,
        ISNI: list,
        OCLC: list,
        ROR: list,
        Proprietary: z.array(proprietary).length(1),
      }),
      Report_Filters: filters,
      Report_Attributes: z
        .strictObject({ Attributes_To_Show: z.tuple([z.literal('Access_Method')]) })
        .optional(),
      Exceptions: z
        .array(
          z.strictObject({
            Code: z.int().min(0),
            Message: name,
            Data: z.string().optional(),
          }),
        )
        .min(1),
      Created: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      Created_By: name,
      Registry_Record: z.literal(''),
    }),
    Report_Items: z.array(item),
  })
}

/** The shape of each report. */
export const shapes = {
  PR: report('PR', 'Platform Report', chosen, platformItem(z.union([onPlatform, ofItems]))),
  PR_P1: report(
    'PR_P1',
    'Platform Usage',
    preset(
      'Searches_Platform',
      'Total_Item_Requests',
      'Unique_Item_Requests',
      'Unique_Title_Requests',
    ),
    platformItem(z.union([onPlatform, read])),
  ),
  DR: report('DR', 'Database Report', chosen, databaseItem(z.union([ofDatabase, ofItems]))),
  DR_D1: report(
    'DR_D1',
    'Database Search and Item Usage',
    preset(
      'Searches_Automated',
      'Searches_Federated',
      'Searches_Regular',
      'Total_Item_Investigations',
      'Total_Item_Requests',
      'Unique_Item_Investigations',
      'Unique_Item_Requests',
    ),
    databaseItem(untyped({ ...searchCounts, ...itemCounts })),
  ),
  DR_D2: report(
    'DR_D2',
    'Database Access Denied',
    preset('Limit_Exceeded', 'No_License'),
    databaseItem(untyped(denialCounts)),
  ),
} as const
