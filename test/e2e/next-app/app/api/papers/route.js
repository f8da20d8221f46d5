/** The data, for pages of the publisher's own. */
export function GET(request) {
  const edition = request.cookies.get('edition')?.value ?? 'none'
  const note = request.cookies.get('note')?.value ?? 'none'
  const self = `https://api.paper.test/api/papers${request.nextUrl.search}`
  return Response.json({ self, edition, note, next: `${self}&page=2` }, { headers: cors })
}

export function OPTIONS() {
  return new Response(null, { status: 204, headers: cors })
}

const cors = {
  'access-control-allow-origin': 'https://www.paper.test',
  'access-control-allow-credentials': 'true',
  'access-control-allow-headers': 'x-page',
}
