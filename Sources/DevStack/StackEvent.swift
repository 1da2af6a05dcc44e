/// A step that the stack took, for the progress lines of whoever called it.
package enum StackEvent: Sendable, Equatable, CustomStringConvertible {
    /// A URL from the environment is used; nothing is started.
    case external(ServiceName)
    case alreadyRunning(ServiceName)
    /// Files are being made for the first start.
    case preparing(ServiceName)
    case starting(ServiceName)
    case ready(ServiceName, after: Duration)
    case stopping(ServiceName)
    case stopped(ServiceName, after: Duration)

    package var description: String {
        switch self {
        case .external(let name): "\(name): from the environment"
        case .alreadyRunning(let name): "\(name): already running"
        case .preparing(let name): "\(name): preparing its directory"
        case .starting(let name): "\(name): starting"
        case .ready(let name, let time): "\(name): ready after \(time.inSeconds) s"
        case .stopping(let name): "\(name): stopping"
        case .stopped(let name, let time): "\(name): stopped after \(time.inSeconds) s"
        }
    }
}

extension Duration {
    /// The duration in seconds, rounded to hundredths.
    var inSeconds: Double { (seconds * 100).rounded() / 100 }

    /// The duration in seconds.
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
