import Containers
import OpenFaaSAPI

extension ProviderError {
    /// Says what a failure of this machine means for a function.
    ///
    /// What the called program printed stays out of the answer; it is in the log.
    init(_ error: any Error, function: FunctionName? = nil) {
        switch error {
        case let error as ProviderError:
            self = error
        case let error as ContainersError:
            let subject = function.map { "function \($0): " } ?? ""
            self.init(Self.code(of: error.code), subject + error.message)
        default:
            self.init(.internalError, "\(error)")
        }
    }

    private static func code(of code: ContainersError.Code) -> Code {
        switch code {
        case .imageNotFound, .unauthorized, .registryUnreachable, .invalidImage: .imageUnavailable
        case .startFailed: .startFailed
        case .unavailable: .runtimeUnavailable
        case .invalidArgument: .invalid
        case .addressesUsed: .noRoom
        case .alreadyExists, .notFound, .timedOut, .networkFailed, .internalError: .internalError
        }
    }
}
