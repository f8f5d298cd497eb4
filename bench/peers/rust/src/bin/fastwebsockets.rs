//! fastwebsockets, on tokio: whole messages, by its collector of fragments. TLS is not its own.
use bytes::Bytes;
use fastwebsockets::{handshake, FragmentCollector, Frame, OpCode, Payload};
use http_body_util::Empty;
use hyper::{header, upgrade::Upgraded, Request};
use hyper_util::rt::TokioIo;
use peers::{Meter, Work};
use std::future::Future;
use tokio::net::TcpStream;

struct Spawner;
impl<F: Future + 'static> hyper::rt::Executor<F> for Spawner
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        tokio::task::spawn(future);
    }
}

async fn open(work: &Work) -> FragmentCollector<TokioIo<Upgraded>> {
    let stream = TcpStream::connect((work.host.as_str(), work.port)).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let request = Request::builder()
        .uri(work.path.as_str())
        .header(header::HOST, work.host.as_str())
        .header(header::UPGRADE, "websocket")
        .header(header::CONNECTION, "upgrade")
        .header("Sec-WebSocket-Key", handshake::generate_key())
        .header("Sec-WebSocket-Version", "13")
        .body(Empty::<Bytes>::new())
        .unwrap();
    let (mut ws, _) = handshake::client(&Spawner, request, stream).await.unwrap();
    ws.set_max_message_size(64 << 20);
    FragmentCollector::new(ws)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let work = Work::from_arguments();
    if work.tls || work.batches() {
        std::process::exit(3);
    }
    if work.connects() {
        let meter = Meter::start();
        for _ in 0..work.count {
            let mut ws = open(&work).await;
            ws.write_frame(Frame::close(1000, b"")).await.unwrap();
            ws.read_frame().await.unwrap();
        }
        meter.report(&work, "fastwebsockets", 0);
    }
    let mut ws = open(&work).await;
    let message = vec![b'm'; work.size];
    let mut received = 0;
    let meter = Meter::start();
    for _ in 0..work.count {
        if work.sends() {
            let payload = Payload::Borrowed(&message);
            let frame = if work.is_text() { Frame::text(payload) } else { Frame::binary(payload) };
            ws.write_frame(frame).await.unwrap();
        }
        if work.receives() {
            let frame = ws.read_frame().await.unwrap();
            if frame.opcode == OpCode::Close {
                break;
            }
            received += frame.payload.len();
        }
    }
    meter.report(&work, "fastwebsockets", received);
}
