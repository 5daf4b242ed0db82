import CLinux
import Glibc
import WatchdogCore

/// Stands in for the Swift runtime's own search for a program that prints backtraces. That search starts before `main`,
/// wants to know where this file is, and ends the process when `/proc` is not there to tell; and what it found in an
/// image would not be ours to run. Nothing found means: no backtraces.
@c(swift_copyAuxiliaryExecutablePath)
public func noAuxiliaryExecutable(_ name: UnsafePointer<CChar>?) -> UnsafeMutablePointer<CChar>? { nil }

exit(Watchdog.run(arguments: linux_arguments(), environment: linux_environment()))
