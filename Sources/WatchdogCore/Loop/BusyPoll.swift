/// Decides whether to look for events again and again for a moment before sleeping for them.
///
/// A loop that has gone to sleep has to be woken, and its processor with it: for a function that answers at once this
/// takes longer than all the rest. Looking on helps only where the answer is near; so after a look that was in vain the
/// next ones are left out, twice as many each time. What waits for the function and what waits for clients is learned
/// apart: one that always comes late must not spoil what is learned of the other.
struct BusyPoll {
    enum Awaited {
        case function
        case clients

        /// - Parameter calls: how many are in flight. With many something comes soon anyhow, and the processor has
        ///   better things to do: nil.
        init?(calls: Int) {
            switch calls {
            case 0: self = .clients
            case 1...Limits.busyPollCalls: self = .function
            default: return nil
            }
        }
    }

    private struct Experience {
        /// Turns to be left out.
        private var left = 0
        private var penalty = 0

        mutating func takesTurn() -> Bool {
            guard left > 0 else { return true }
            left -= 1
            return false
        }

        mutating func learn(_ hasFound: Bool) {
            penalty = hasFound ? 0 : min(Limits.busyPollPenalty, max(1, 2 * penalty))
            left = penalty
        }
    }

    /// How long to look; zero is not at all.
    let span: TimeSpan
    private var function = Experience()
    private var clients = Experience()

    init(span: TimeSpan) {
        self.span = span
    }

    /// Whether to look for a moment this time.
    mutating func looks(for awaited: Awaited) -> Bool {
        guard span > .zero else { return false }
        switch awaited {
        case .function: return function.takesTurn()
        case .clients: return clients.takesTurn()
        }
    }

    /// What became of a look.
    mutating func looked(for awaited: Awaited, hasFound: Bool) {
        switch awaited {
        case .function: function.learn(hasFound)
        case .clients: clients.learn(hasFound)
        }
    }
}
