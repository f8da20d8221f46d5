/**
 * A day's documents as version 1 of the figures wrote them: two persons opened one article, of whom the
 * second has neither category nor faculty.
 * @module
 */

/** The figures. */
export const firstFigures = [
  '{"version":1,"metrics":[2,3,4,5,6,7,8,9,10,11,12,13,14]',
  '"sides":[0,0,15,16,0,0,17,18,15,16,0,0,0,0,15,16,19,0,17,18,15,16,19,0]',
  '"denials":[],"items":[1,20,-1,21,-1,-1,2,2],"readers":[1,0,2,1,17,1,0,0,2,0,17,1],"pools":[]',
  '"leftOut":{"robots":0,"doubleClicks":0,"prefetches":0,"otherStatuses":0},"cellLines":1',
  '"texts":["","steppe","Total_Item_Investigations","Unique_Item_Investigations"',
  '"Total_Item_Requests","Unique_Item_Requests","Unique_Title_Investigations"',
  '"Unique_Title_Requests","Searches_Regular","Limit_Exceeded","No_License","sessions"',
  '"openings","exchanges","bytes","main","remote","student","Physics","pdf","id:a","issn:1"]}',
]
  .join(',')
  .concat('\n[0,0,512,1,0,1,512,1,1,0,7680,1,1,1,1000,1,2,15,1,1,1,1,1,1,7680,1,1,1,1000')
  .concat(',1,3,15,1,1,1,1]\n[0,0,512,2,1,0,7695,2,2,2,2,2,2,2,2000]')

/** The lists of readers. */
export const firstReaders =
  '{"version":1,"groups":[["steppe","student",[0]],["steppe","",[1]]],"persons":["p1","p2"]}'
