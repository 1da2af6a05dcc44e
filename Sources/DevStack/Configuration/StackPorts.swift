/// The ports of one stack: a block of consecutive numbers, every one bound to 127.0.0.1 only.
struct StackPorts: Sendable, Codable, Equatable {
    /// How many ports a stack takes, with room for later services.
    static let count = 20
    /// Blocks are searched below the range from which systems take the ports of outgoing connections.
    static let searchRange = 25_500..<31_500

    let first: Int

    var postgres: Int { first }
    var amqp: Int { first + 1 }
    var erlangDistribution: Int { first + 2 }
    var erlangPortMapper: Int { first + 3 }
    var s3: Int { first + 4 }
    var s3RPC: Int { first + 5 }
    var master: Int { first + 6 }
    var masterRPC: Int { first + 7 }
    var filer: Int { first + 8 }
    var filerRPC: Int { first + 9 }
    var volume: Int { first + 10 }
    var volumeRPC: Int { first + 11 }
    var adminRPC: Int { first + 12 }
    /// The store's own worker looks for the administration's RPC port 10,000 above its HTTP port, whatever it is told.
    var admin: Int { adminRPC - 10_000 }

    /// Finds a block in which nothing listens.
    ///
    /// The search starts at a place that depends on the stack's directory, so that two checkouts which start at
    /// the same moment do not choose the same block.
    static func free(for directory: String) throws -> StackPorts {
        let blocks = searchRange.count / count
        let offset = Int(FNV.hash(directory) % UInt64(blocks))
        for step in 0..<blocks {
            let first = searchRange.lowerBound + (offset + step) % blocks * count
            if (first..<first + count).allSatisfy(Ports.isFree) { return StackPorts(first: first) }
        }
        throw StackError(
            .portInUse, "No block of \(count) free ports in \(searchRange).",
            cure: "Stop stacks that are no longer needed (studio dev down), or name a block.")
    }
}

/// The Fowler–Noll–Vo hash: short, and the same in every process, unlike `Hasher`.
enum FNV {
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
