/// The database holds something that this program does not understand.
package enum StoreError: Error, CustomStringConvertible {
    /// Written by a newer version of the program, or by hand.
    case unknownValue(column: String, value: String)
    /// A row that must be there is not.
    case vanished(String)

    package var description: String {
        switch self {
        case .unknownValue(let column, let value):
            "column \(column) holds \"\(value.prefix(80))\", which this version does not know: "
                + "was it written by a newer one?"
        case .vanished(let what): "the \(what) is not there any more: was it deleted by hand?"
        }
    }
}
