/// Everything about the daemon that can be set: each is a flag `--KEY`, a variable `FAASD_KEY` and a key of the
/// configuration file.
enum Setting: String, CaseIterable, Sendable {
    case dataDir = "data-dir"
    case runDir = "run-dir"
    case listen
    case tlsListen = "tls-listen"
    case tlsCertificate = "tls-certificate"
    case tlsKey = "tls-key"
    case tlsRedirect = "tls-redirect"
    case allowPlainHTTP = "allow-plain-http"
    case metricsListen = "metrics-listen"
    case providerURL = "provider-url"
    case providerCredentialsDir = "provider-credentials-dir"
    case containerdAddress = "containerd-address"
    case ctr
    case snapshotter
    case namespacePrefix = "namespace-prefix"
    case network
    case bridge
    case subnet
    case cniBinDir = "cni-bin-dir"
    case cniConfigDir = "cni-config-dir"
    case cniDataDir = "cni-data-dir"
    case fwatchdog
    case watchdogSocket = "watchdog-socket"
    case imagePullPolicy = "image-pull-policy"
    case insecureRegistries = "insecure-registries"
    case registryConfig = "registry-config"
    case stopGrace = "stop-grace"
    case idleReclaimAfter = "idle-reclaim-after"
    case idleStopAfter = "idle-stop-after"
    case nodeLabels = "node-labels"
    case readyTimeout = "ready-timeout"
    case resyncInterval = "resync-interval"
    case upstreamTimeout = "upstream-timeout"
    case readTimeout = "read-timeout"
    case writeTimeout = "write-timeout"
    case idleTimeout = "idle-timeout"
    case maxBodyBytes = "max-body-bytes"
    case accessLog = "access-log"
    case asyncStore = "async-store"
    case natsURL = "nats-url"
    case asyncConcurrency = "async-concurrency"
    case asyncQueues = "async-queues"
    case asyncMaxCalls = "async-max-calls"
    case asyncMaxBytes = "async-max-bytes"
    case asyncMaxBodyBytes = "async-max-body-bytes"
    case asyncRetention = "async-retention"
    case asyncDeadRetention = "async-dead-retention"
    case asyncAllowPrivateCallbacks = "async-allow-private-callbacks"
    case autoscaling
    case autoscalingInterval = "autoscaling-interval"
    case autoscalingStableWindow = "autoscaling-stable-window"
    case cronPrewake = "cron-prewake"
    case dropFolder = "drop-folder"
    case dropKeep = "drop-keep"
    case natsTopics = "nats-topics"
    case logLevel = "log-level"

    /// The environment variable.
    var variable: String { "FAASD_" + rawValue.uppercased().replacing("-", with: "_") }

    /// What holds when nothing is said; `nil` where the value follows from others.
    var defaultValue: String? {
        switch self {
        case .dataDir: "/var/lib/faasd"
        case .runDir: "/run/faasd"
        case .listen: "127.0.0.1:8080"
        case .containerdAddress: "/run/containerd/containerd.sock"
        case .ctr: "ctr"
        case .snapshotter, .namespacePrefix, .insecureRegistries, .nodeLabels, .metricsListen, .accessLog, .asyncQueues,
            .tlsListen:
            ""
        case .network: "openfaas-cni-bridge"
        case .bridge: "openfaas0"
        case .subnet: "10.62.0.0/16"
        case .cniBinDir: "/opt/cni/bin,/usr/lib/cni"
        case .cniConfigDir: "/etc/cni/net.d"
        case .cniDataDir: "/run/cni"
        case .tlsRedirect, .allowPlainHTTP: "false"
        case .tlsCertificate, .tlsKey: nil
        case .watchdogSocket, .autoscaling: "true"
        case .autoscalingInterval: "1s"
        case .autoscalingStableWindow: "60s"
        case .fwatchdog, .registryConfig, .providerURL, .providerCredentialsDir, .dropFolder: nil
        case .imagePullPolicy: "IfNotPresent"
        case .stopGrace: "10s"
        case .idleReclaimAfter: "5m"
        case .idleStopAfter: "1h"
        // faas-cli itself gives up after 60 s.
        case .readyTimeout: "50s"
        case .resyncInterval: "30s"
        case .upstreamTimeout, .readTimeout, .writeTimeout: "60s"
        case .idleTimeout: "75s"
        case .maxBodyBytes: "0"
        case .asyncStore: "sqlite"
        case .natsURL: "nats://127.0.0.1:4222"
        case .asyncConcurrency: "32"
        case .asyncMaxCalls: "100000"
        case .asyncMaxBytes: "1073741824"
        // OpenFaaS's paid edition takes 1 MB, the free one 256,000 bytes.
        case .asyncMaxBodyBytes: "1048576"
        case .asyncRetention: "1h"
        case .asyncDeadRetention: "168h"
        case .asyncAllowPrivateCallbacks: "false"
        case .cronPrewake: "1s"
        case .dropKeep: "24h"
        case .natsTopics: "false"
        case .logLevel: "info"
        }
    }
}
