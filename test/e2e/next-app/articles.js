/** Articles as an editorial system holds them: markup with addresses of the publisher's own hosts. */
const paragraph = `<p>See <a href="https://www.paper.test/articles/2">the second article</a>, its
<a href='https://api.paper.test/api/papers?id=2'>record</a> and https://www.paper.test/about in words.
<img src="//static.paper.test/figures/dot.svg" alt=""> Суу кайдан келет?</p>`

export const articles = ['Snow', 'Wind', 'Water'].map((title, index) => ({
  id: String(index + 1),
  title,
  url: `https://www.paper.test/articles/${index + 1}`,
  record: `https://api.paper.test/api/papers?id=${index + 1}`,
  // More than a kilobyte: React sends it as a row of text with its length before it.
  body: `https://www.paper.test/articles/${index + 1} ${paragraph.repeat(6)}`,
}))

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
