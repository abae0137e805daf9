// SPDX-License-Identifier: Apache-2.0
import Forwarding
import Logging
import Mobility

extension DataPlane {
    /// Tells the engine what the worker's forwarder has noticed. `mtuChanged` is told how large hosts' packets may be.
    func pass<E: Engine>(
        _ events: [ForwardingEvent],
        to runner: EngineRunner<E>,
        logger: Logger,
        mtuChanged: (Int) -> Void = { _ in }
    ) {
        var news: [EngineRunner<E>.News] = []
        for event in events {
            switch event {
            case .pathCondition(let number, let condition, let reason):
                guard let path = identifier(of: number) else { continue }
                news.append(EngineRunner<E>.News(path, is: condition, because: reason))
            case .pathMoved(let number, let remote, let port): log(number, movedTo: remote, port: port, with: logger)
            case .sequenceAdvanced(let number, let sequence):
                guard let session = identifier(of: number) else { continue }
                news.append(EngineRunner<E>.News(.sequenceAdvanced(session, sequence)))
            case .mtuChanged(_, let mtu): mtuChanged(mtu)
            }
        }
        runner.turn(news)
    }
}
