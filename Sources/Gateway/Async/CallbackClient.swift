import AsyncHTTPClient
import Foundation
import NIOCore
import NIOFoundationCompat
import NIOHTTP1
import OpenFaaSAPI
import Queue

/// Sends results to the URLs that callers named.
///
/// A caller must not reach through the gateway what it cannot reach itself: a name is resolved once, its addresses are
/// checked, and the connection is made to the address that was checked. Redirects are not followed.
struct CallbackClient: CallbackSender {
    private static let patience = TimeAmount.seconds(30)
    private static let discardedBytes = 64 << 10
    private static let triedAgain: Set<UInt> = [408, 429]

    /// For this gateway's own functions.
    let loopback: HTTPClient
    let own: OwnAddresses
    let allowsPrivate: Bool
    let group: any EventLoopGroup

    func send(_ callback: LeasedCallback, maximumAttempts: Int) async -> CallbackOutcome {
        guard let address = CallbackAddress(callback.url) else { return .refused("it is not an http or https URL") }
        let request = Self.request(callback, to: address, maximumAttempts: maximumAttempts)
        do {
            if own.holds(address) { return try await send(request, own.base + address.target, with: loopback) }
            switch try await destination(address) {
            case .refused(let reason):
                return .refused(reason)
            case .address(let ip):
                return try await send(request, to: address, at: ip)
            }
        } catch {
            if Task.isCancelled { return .interrupted }
            return .failed("it could not be sent: \(error)")
        }
    }

    private enum Destination {
        case address(String)
        case refused(String)
    }

    private func destination(_ address: CallbackAddress) async throws -> Destination {
        let found =
            AddressRule.isAddress(address.host)
            ? [address.host] : try await HostResolver.addresses(of: address.host)
        if let first = found.first(where: { allowsPrivate || AddressRule.isPublic($0) }) { return .address(first) }
        return .refused(
            "\(address.host) is a private address; the setting async-allow-private-callbacks allows them")
    }

    /// Sends to an address, while certificate and `Host` are those of the name.
    private func send(
        _ request: HTTPClientRequest, to address: CallbackAddress, at ip: String
    ) async throws -> CallbackOutcome {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.httpVersion = .http1Only
        configuration.timeout = HTTPClient.Configuration.Timeout(connect: .seconds(10))
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.dnsOverride = [address.host: ip]
        // The name's address holds for this one client only.
        let client = HTTPClient(eventLoopGroup: group, configuration: configuration)
        do {
            let url = "\(address.scheme)://\(address.authority)\(address.target)"
            let outcome = try await send(request, url, with: client)
            try? await client.shutdown()
            return outcome
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private func send(
        _ request: HTTPClientRequest, _ url: String, with client: HTTPClient
    ) async throws -> CallbackOutcome {
        var request = request
        request.url = url
        let response = try await client.execute(request, deadline: .now() + Self.patience)
        // Read, so that the other side sees its answer taken; what is in it does not matter.
        _ = try? await response.body.collect(upTo: Self.discardedBytes)
        let status = response.status.code
        if (200...299).contains(status) { return .delivered }
        let reason = "it was answered \(status)"
        return status >= 500 || Self.triedAgain.contains(status) ? .failed(reason) : .refused(reason)
    }

    /// The answer's own fields, and what OpenFaaS's queue worker says of the call (docs "async").
    private static func request(
        _ callback: LeasedCallback, to address: CallbackAddress, maximumAttempts: Int
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: callback.url)
        request.method = .POST
        for field in callback.answer.headers { request.headers.add(name: field.name, value: field.value) }
        let seconds = callback.duration / .seconds(1)
        for (name, value) in [
            (CallHeaders.callID, callback.id),
            ("X-Function-Name", callback.spelling),
            ("X-Function-Status", "\(callback.answer.status)"),
            (CallHeaders.durationSeconds, String(format: "%f", seconds)),
            ("X-Retry", "\(max(0, callback.attempts - 1))"),
            ("X-Retry-Max", "\(maximumAttempts)"),
        ] {
            request.headers.replaceOrAdd(name: name, value: value)
        }
        if callback.answer.isCut { request.headers.replaceOrAdd(name: "X-Faasd-Limit", value: "async-max-body-bytes") }
        if !request.headers.contains(name: "User-Agent") { request.headers.add(name: "User-Agent", value: "faasd") }
        if let userInfo = address.userInfo {
            request.headers.replaceOrAdd(
                name: "Authorization", value: "Basic " + Data(userInfo.utf8).base64EncodedString())
        }
        request.body = .bytes(ByteBuffer(data: callback.answer.body))
        return request
    }
}
