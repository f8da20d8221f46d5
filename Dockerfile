# One gateway process. Configuration, rules and data come from outside:
#   docker run -v ./config:/gateway/config:ro -v ./rules:/gateway/rules:ro -v data:/gateway/data darbaza
FROM node:24-bookworm-slim

WORKDIR /gateway
ENV NODE_ENV=production

# Dependencies change less often than sources: a layer of their own.
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY LICENSE README.md ./
COPY src ./src
COPY config ./config
COPY rules ./rules

RUN mkdir data && chown node:node data
USER node
VOLUME /gateway/data
EXPOSE 8080

# The management address is on loopback inside the container, where only this check reaches it.
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:9464/readyz').then(a => process.exit(a.ok ? 0 : 1), () => process.exit(1))"]

STOPSIGNAL SIGTERM
CMD ["node", "src/main.ts", "serve", "--config", "config/gateway.yaml"]
