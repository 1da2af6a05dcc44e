import Foundation
import ProgramSettings
import SystemPackage

extension SettingError {
    /// Says that the work directory cannot be used, and what to do about it.
    init(workDirectory path: FilePath, _ error: any Error) {
        self.init(
            "WORKER_DIRECTORY",
            "\(path) cannot be used (\(Self.reason(error))): name a directory that this user may write to")
    }

    /// The system's own words; Foundation wraps them in many more.
    private static func reason(_ error: any Error) -> String {
        if let underlying = (error as? CocoaError)?.userInfo[NSUnderlyingErrorKey] as? POSIXError {
            return "\(Errno(rawValue: underlying.code.rawValue))"
        }
        return (error as? CocoaError)?.code == .fileWriteFileExists ? "\(Errno.notDirectory)" : "\(error)"
    }
}
