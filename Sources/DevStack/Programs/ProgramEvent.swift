/// A step that a supervisor took, for progress lines and logs.
package enum ProgramEvent: Sendable, Equatable, CustomStringConvertible {
    case starting(String)
    case ready(String, after: Duration)
    /// The program ended although nobody asked; it is started again after the pause, or not at all when that is nil.
    case ended(String, ExitStatus, restartAfter: Duration?)
    case stopping(String)
    case stopped(String, ExitStatus)

    package var description: String {
        switch self {
        case .starting(let name): "\(name): starting"
        case .ready(let name, let time): "\(name): ready after \(time.inSeconds) s"
        case .ended(let name, let exit, let pause?): "\(name): \(exit), starts again in \(pause.inSeconds) s"
        case .ended(let name, let exit, nil): "\(name): \(exit)"
        case .stopping(let name): "\(name): stopping"
        case .stopped(let name, let exit): "\(name): \(exit)"
        }
    }
}
