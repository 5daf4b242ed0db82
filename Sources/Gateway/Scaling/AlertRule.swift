import OpenFaaSAPI

/// What an alert of Alertmanager does to a function's replicas: OpenFaaS's factor rule (docs "autoscaling").
struct AlertRule {
    let settings: ScaleSettings

    /// The number of replicas after an alert; `nil` when it changes nothing.
    ///
    /// A firing one adds a part of the maximum, the factor in percent; any other goes back to the minimum. With a factor
    /// of 0 alerts change nothing. A function at 0 is left there: it wakes when it is called.
    func replicas(after current: Int, isFiring: Bool) -> Int? {
        guard current > 0, settings.factor > 0 else { return nil }
        let most = settings.alertMaximum
        let step = (most * settings.factor + 99) / 100
        // One that was scaled beyond by hand is not scaled down because it is called much.
        let next = isFiring ? max(current, min(current + step, most)) : settings.minimum
        return next == current ? nil : next
    }
}
