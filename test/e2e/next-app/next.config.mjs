/** As a publisher has it: pages on one host, their parts on another, data on a third. */
export default {
  assetPrefix: 'https://static.paper.test',
  crossOrigin: 'anonymous',
  images: { loader: 'custom', loaderFile: './image-loader.js' },
  // The folder that holds both the application and what it is built with.
  turbopack: { root: process.env.BUILD_ROOT },
  outputFileTracingRoot: process.env.BUILD_ROOT,
  poweredByHeader: false,
  async headers() {
    const open = [{ key: 'Access-Control-Allow-Origin', value: '*' }]
    return ['/_next/:path*', '/figures/:path*', '/extra.js'].map((source) => ({
      source,
      headers: open,
    }))
  },
  async redirects() {
    return [
      {
        source: '/latest',
        destination: 'https://www.paper.test/articles/2?from=latest',
        permanent: false,
      },
    ]
  },
}
