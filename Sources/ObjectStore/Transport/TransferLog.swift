import Logging

/// Says what is being moved, without the URL.
struct TransferLog: Sendable {
    let logger: Logger
    /// In a few words, such as `upload of runs/…/shot.mp4`; part of error texts too.
    let operation: String

    func retrying(after error: ObjectStoreError, attempt: Int, delay: Duration) {
        logger.notice(
            "Object store request failed, trying again",
            metadata: [
                "operation": "\(operation)", "attempt": "\(attempt)", "delay": "\(delay)", "error": "\(error)",
            ])
    }

    func resuming(after error: ObjectStoreError, at offset: Int64) {
        logger.notice(
            "Download broke off, going on from where it stopped",
            metadata: ["operation": "\(operation)", "offset": "\(offset)", "error": "\(error)"])
    }
}
