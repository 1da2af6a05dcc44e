/// Where the API is, and how patient its client.
package struct StudioClientConfiguration: Sendable {
    /// `http://127.0.0.1:8080`, without a slash at the end.
    package let url: String
    package let apiKey: String
    /// How often one call is tried in all.
    package var attemptsMax = 4
    /// The first pause between two tries; it doubles with each.
    package var pause = Duration.milliseconds(200)
    /// Longest time for one answer, besides what a long poll asks for.
    package var answerLimit = Duration.seconds(60)
    /// An event stream gives up after this many connections in a row that brought nothing.
    package var streamFailuresMax = 20

    package init(url: String, apiKey: String) {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        self.url = url
        self.apiKey = apiKey
    }

    /// Whether a text may be a key: printable ASCII without blanks, as a header takes it.
    package static func isKey(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
