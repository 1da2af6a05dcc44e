/// The properties of a message that arrived, as far as this library reads them.
struct ContentProperties: Sendable, Equatable {
    var messageID = ""
    var contentType = ""
    var type = ""
    var correlationID = ""
    var headers: [String: String] = [:]
    var deliveryCount = 0
}
