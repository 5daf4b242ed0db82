import Services

extension Configuration {
    /// The file of services, where users of faasd know it.
    var composeFile: ComposeFile { ComposeFile(path: dataDirectory + "/docker-compose.yaml") }

    /// containerd's namespace of services.
    var servicesNamespace: String { namespacePrefix + "openfaas" }
}
