/**
 * Articles as PDF. The same article gives the same bytes every time: dates are the article's own,
 * and pdfkit derives the file's id from them.
 * @module
 */
import Pdfkit from 'pdfkit'

import { drawFigure, sheet } from './chart.ts'
import type { Figure } from './chart.ts'

/** What goes onto paper. */
export interface Paper {
  readonly title: string
  readonly authors: string
  /** Journal, volume and pages, or the book that a chapter is from. */
  readonly source: string
  readonly identifier: string
  /** ISO date. */
  readonly publishedOn: string
  readonly abstract: string
  readonly sections: readonly {
    readonly heading: string
    readonly paragraphs: readonly string[]
    readonly figure?: Figure
  }[]
  readonly references: readonly string[]
}

type Pen = InstanceType<typeof Pdfkit>

const margins = { top: 64, bottom: 72, left: 72, right: 72 } as const

/** Draws a paper: a title page with the abstract, then the text, then page numbers on all. */
export async function paperPdf(paper: Paper): Promise<Buffer> {
  const pen = new Pdfkit({
    size: 'A4',
    margins,
    bufferPages: true,
    lang: 'en',
    info: {
      Title: paper.title,
      Author: paper.authors,
      Subject: paper.identifier,
      CreationDate: new Date(`${paper.publishedOn}T00:00:00Z`),
    },
  })
  const bytes = collect(pen)
  drawFront(pen, paper)
  for (const section of paper.sections) drawSection(pen, section)
  drawReferences(pen, paper.references)
  numberPages(pen, paper)
  pen.end()
  return bytes
}

function drawFront(pen: Pen, paper: Paper): void {
  pen.font('Helvetica').fontSize(9).fillColor('#5b6770').text(printable(paper.source))
  pen.text(paper.identifier).moveDown(3)
  pen.font('Times-Bold').fontSize(24).fillColor('#14232b').text(printable(paper.title))
  pen.moveDown(0.6).font('Helvetica').fontSize(11).text(paper.authors).moveDown(2)
  pen.font('Helvetica-Bold').fontSize(10).fillColor('#0b6e8f').text('ABSTRACT').moveDown(0.4)
  pen.font('Times-Italic').fontSize(11.5).fillColor('#14232b')
  pen.text(printable(paper.abstract), { align: 'justify', lineGap: 3 })
  pen.addPage()
}

function drawSection(pen: Pen, section: Paper['sections'][number]): void {
  pen.moveDown(0.6).font('Helvetica-Bold').fontSize(13).fillColor('#0b6e8f')
  pen.text(printable(section.heading)).moveDown(0.4)
  for (const paragraph of section.paragraphs) {
    pen.font('Times-Roman').fontSize(11.5).fillColor('#14232b')
    pen.text(printable(paragraph), { align: 'justify', lineGap: 3 }).moveDown(0.7)
  }
  if (section.figure) drawPicture(pen, section.figure)
}

function drawPicture(pen: Pen, figure: Figure): void {
  const scale = (pen.page.width - margins.left - margins.right) / sheet.width
  const height = sheet.height * scale
  if (pen.y + height + 48 > pen.page.height - margins.bottom) pen.addPage()
  const top = pen.y
  const { paths, words } = drawFigure(figure)

  pen.save().translate(margins.left, top).scale(scale)
  for (const { d, colour, mode, width } of paths) {
    if (mode === 'fill') pen.path(d).fill(colour)
    else pen.path(d).lineWidth(width).stroke(colour)
  }
  pen.font('Helvetica').fontSize(11)
  for (const { x, y, text, anchor, colour } of words) {
    const width = pen.widthOfString(printable(text))
    const left = x - { start: 0, middle: width / 2, end: width }[anchor]
    pen.fillColor(colour).text(printable(text), left, y - 9, { lineBreak: false })
  }
  pen.restore()
  pen.font('Helvetica').fontSize(9).fillColor('#5b6770')
  pen.text(printable(figure.caption), margins.left, top + height + 8).moveDown(1.2)
}

function drawReferences(pen: Pen, references: readonly string[]): void {
  if (references.length === 0) return
  pen.moveDown().font('Helvetica-Bold').fontSize(13).fillColor('#0b6e8f').text('References')
  pen.moveDown(0.4).font('Times-Roman').fontSize(10).fillColor('#14232b')
  for (const [index, reference] of references.entries()) {
    pen.text(`${index + 1}. ${printable(reference)}`, { lineGap: 2 }).moveDown(0.3)
  }
}

function numberPages(pen: Pen, paper: Paper): void {
  const { count } = pen.bufferedPageRange()
  for (let index = 0; index < count; index += 1) {
    pen.switchToPage(index)
    // Text below the bottom margin would start a new page.
    pen.page.margins.bottom = 0
    pen.font('Helvetica').fontSize(8).fillColor('#5b6770')
    const line = `${paper.identifier}  ·  ${index + 1} of ${count}`
    pen.text(line, margins.left, pen.page.height - 44, { lineBreak: false })
  }
}

/** PDF's own fonts know Windows-1252 only (PDF 1.7, annex D); a minus sign becomes a dash. */
function printable(text: string): string {
  return text.replaceAll('−', '–')
}

function collect(pen: Pen): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    pen.on('data', (chunk: Buffer) => chunks.push(chunk))
    pen.on('end', () => resolve(Buffer.concat(chunks)))
    pen.on('error', reject)
  })
}
