/// Why chaos cannot be made, and what cures it.
package struct ChaosError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
