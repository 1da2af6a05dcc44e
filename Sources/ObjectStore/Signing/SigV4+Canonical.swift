extension SigV4 {
    /// The one spelling of a request that both sides compute.
    package func canonicalRequest(_ request: Request, payloadHash: String) -> String {
        var lines = [request.method, canonicalPath(request.path), canonicalQuery(request.query)]
        lines += canonicalHeaders(request.headers).map { "\($0.name):\($0.value)" }
        lines += ["", signedHeaders(of: request), payloadHash]
        return lines.joined(separator: "\n")
    }

    /// The names of the headers of `request`, lower-case, sorted, joined by semicolons.
    package func signedHeaders(of request: Request) -> String {
        canonicalHeaders(request.headers).map(\.name).joined(separator: ";")
    }

    private func canonicalPath(_ path: String) -> String {
        let path = path.isEmpty ? "/" : path
        return switch pathMode {
        case .exact: path
        case .generic(normalize: false): PercentEncoding.encode(path, keepingSlashes: true)
        case .generic(normalize: true): PercentEncoding.encode(normalized(path), keepingSlashes: true)
        }
    }

    private func normalized(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." {
                _ = segments.popLast()
            } else {
                segments.append(segment)
            }
        }
        let isFolder = path.hasSuffix("/") && !segments.isEmpty
        return "/" + segments.joined(separator: "/") + (isFolder ? "/" : "")
    }

    private func canonicalQuery(_ query: String) -> String {
        let parameters = query.split(separator: "&").map { parameter -> (name: String, value: String) in
            let halves = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = halves.count > 1 ? halves[1] : ""
            return (
                PercentEncoding.encode(bytes: PercentEncoding.decode(halves[0])),
                PercentEncoding.encode(bytes: PercentEncoding.decode(value))
            )
        }
        return parameters.sorted { $0 < $1 }.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Names lower-case and sorted, values of one name joined by commas, runs of white space made one blank.
    private func canonicalHeaders(
        _ headers: [(name: String, value: String)]
    ) -> [(name: String, value: String)] {
        var values: [String: [String]] = [:]
        for header in headers {
            let words = header.value.split { $0 == " " || $0 == "\t" || $0.isNewline }
            values[header.name.lowercased(), default: []].append(words.joined(separator: " "))
        }
        return values.map { ($0.key, $0.value.joined(separator: ",")) }.sorted { $0.0 < $1.0 }
    }
}
