# wfbot alone, without a system around it: no shell, no package, no root.
#
#	docker build --build-arg VERSION="$(git describe --tags --always --dirty)" -t wfbot .
#
# docs/deploy.md says how to run it.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X main.version=$VERSION" -o /wfbot ./cmd/wfbot
RUN mkdir /empty

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /wfbot /wfbot
# What a volume that is mounted here for the first time begins with: it is the user's.
COPY --from=build --chown=65532:65532 /empty /data
# A number, so that Kubernetes sees that it is not root.
USER 65532:65532
WORKDIR /data
# The health check asks from inside. To let Prometheus in, set WFBOT_HTTP_ADDR=:9464.
ENV WFBOT_HTTP_ADDR=127.0.0.1:9464
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["/wfbot", "healthcheck"]
ENTRYPOINT ["/wfbot"]
CMD ["run"]
