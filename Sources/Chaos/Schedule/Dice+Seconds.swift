import Simulation

extension Dice {
    /// Whether something happens that happens this often, 0 to 1.
    mutating func happens(_ share: Double) -> Bool {
        unit() < share
    }

    mutating func seconds(_ range: ClosedRange<Double>) -> Double {
        Double.random(in: range, using: &self)
    }
}
