/** Pictures in the width that is asked for, from the host of static files. */
export default function imageLoader({ src, width }) {
  return `https://static.paper.test/figures/${src}?w=${width}`
}
