/// Text in columns, as wide as their widest cell.
struct Table {
    private var header: [String]
    private var rows: [[String]] = []

    init(_ header: String...) {
        self.header = header
    }

    mutating func add(_ row: String...) {
        add(row)
    }

    mutating func add(_ row: [String]) {
        rows.append(row)
    }

    /// Adds a column at the right of all rows, unless nothing stands in it.
    mutating func addColumn(_ name: String, _ cells: [String]) {
        guard cells.contains(where: { !$0.isEmpty }) else { return }
        header.append(name)
        rows = zip(rows, cells).map { $0 + [$1] }
    }

    var lines: [String] {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = zip(row, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count) }
            var line = cells.joined(separator: "  ")
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
