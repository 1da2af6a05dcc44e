import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import SystemPackage
import _NIOFileSystem

extension ObjectStoreError {
    /// Makes one error of whatever the HTTP client or the file system threw; a cancelled task stays cancelled.
    static func wrapping(_ error: any Error, operation: String) -> any Error {
        switch error {
        case is ObjectStoreError, is CancellationError: error
        case let error as HTTPClientError: wrapping(error, operation: operation)
        case let error as FileSystemError: wrapping(error, operation: operation)
        case let error as HTTPParserError:
            // The parser's word for a connection that closed in the middle of an answer.
            error == .invalidEOFState
                ? ObjectStoreError(.unreachable, "\(operation): the connection was lost", cause: error)
                : ObjectStoreError(.malformedResponse, "\(operation): not an HTTP answer", cause: error)
        default: ObjectStoreError(.unreachable, "\(operation): no connection to the store", cause: error)
        }
    }

    private static func wrapping(_ error: HTTPClientError, operation: String) -> any Error {
        switch error {
        case .cancelled:
            CancellationError()
        case .connectTimeout, .getConnectionFromPoolTimeout, .tlsHandshakeTimeout, .socksHandshakeTimeout,
            .httpProxyHandshakeTimeout:
            ObjectStoreError(.unreachable, "\(operation): no connection within the time limit", cause: error)
        case .readTimeout, .writeTimeout, .deadlineExceeded:
            ObjectStoreError(.timeout, "\(operation): the store fell silent", cause: error)
        case .remoteConnectionClosed:
            ObjectStoreError(.unreachable, "\(operation): the connection was lost", cause: error)
        case .bodyLengthMismatch:
            ObjectStoreError(.fileFailed, "\(operation): the file's length changed meanwhile", cause: error)
        case .invalidURL, .emptyHost, .emptyScheme:
            ObjectStoreError(.invalidRequest, "\(operation): malformed URL")
        default:
            // Others carry the headers or the scheme they object to: only their name goes on.
            ObjectStoreError(.unreachable, "\(operation): the exchange failed (\(error.shortDescription))")
        }
    }

    private static func wrapping(_ error: FileSystemError, operation: String) -> any Error {
        let errno = (error.cause as? FileSystemError.SystemCallError)?.errno
        return switch errno {
        case .noSpace, .diskQuotaExceeded:
            ObjectStoreError(.diskFull, "\(operation): no space left on this machine's disk", cause: error)
        default:
            ObjectStoreError(.fileFailed, "\(operation): \(error.message)", cause: error)
        }
    }
}
