/// A program cannot listen where it was told to; its text is one line that names the variable and the cure.
package struct ListenError: Error, Sendable, CustomStringConvertible {
    package let description: String
}
