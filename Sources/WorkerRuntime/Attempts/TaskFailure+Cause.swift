import Foundation
import ObjectStore
import StudioCore
import SystemPackage

/// A part of an attempt's work, which names the failure when the cause does not.
enum WorkStage: String, Sendable {
    case download, compute, upload
}

extension TaskFailure {
    /// What every executor calls a disk, or a quota of it, that has no room left.
    static let diskFullCode = "disk_full"

    /// The failure that `error` amounts to, when it came up at `stage`.
    init(_ error: any Error, at stage: WorkStage) {
        if let failure = error as? TaskFailure {
            self = failure
        } else if Self.isDiskFull(error) {
            self.init(.resource, code: Self.diskFullCode, detail: "no space left on device")
        } else {
            switch stage {
            case .download: self.init(.temporary, code: "download_failed", detail: "\(error)")
            case .compute: self.init(.temporary, code: "executor_failed", detail: "\(error)")
            case .upload: self.init(.temporary, code: "upload_failed", detail: "\(error)")
            }
        }
    }

    private static func isDiskFull(_ error: any Error) -> Bool {
        switch error {
        case let error as ObjectStoreError: error.code == .diskFull
        case let error as Errno: error == .noSpace || error == .diskQuotaExceeded
        case let error as CocoaError: error.code == .fileWriteOutOfSpace
        default: false
        }
    }
}
