import ArgumentParser
import Foundation
import StudioCore

/// What every command that has data takes.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print data as JSON.")
    var json = false

    /// Prints one value as a line of JSON.
    func print(_ value: some Encodable) throws {
        Terminal.print(String(decoding: try RecordJSON.encode(value), as: UTF8.self))
    }
}
