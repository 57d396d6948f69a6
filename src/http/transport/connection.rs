//! One accepted connection, from its socket to its end: admission, TLS, guard, dispatcher.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_http::error::DispatchError;
use actix_http::{ConnectionType, HttpService, KeepAlive, Request, Response};
use actix_service::{Service, ServiceFactory, apply_fn_factory, map_config};
use actix_web::dev::AppConfig;
use actix_web::web::ServiceConfig;
use actix_web::{App, body::BoxBody};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use super::drain::woken_by_drain;
use super::flight::{Flight, Tracked};
use super::guard::{Common, Guard};
use super::shedder::Shedder;
use super::stream::Stream;
use super::tls::TlsAcceptorSource;

type LocalFuture<T> = Pin<Box<dyn Future<Output = T>>>;
type Accepted = (Guard<Stream>, Option<SocketAddr>);

/// Describes the application of one listener in one worker, and says what sheds load there.
pub trait Configure: Fn(&mut ServiceConfig) -> Option<Rc<dyn Shedder>> + Clone {}
impl<C: Fn(&mut ServiceConfig) -> Option<Rc<dyn Shedder>> + Clone> Configure for C {}

/// Builds the service of one listener in one worker.
pub struct ConnectionFactory<C> {
    pub common: Common,
    pub tls: Option<TlsAcceptorSource>,
    pub configure: C,
}

impl<C: Configure + 'static> ServiceFactory<TcpStream> for ConnectionFactory<C> {
    type Response = ();
    type Error = ();
    type Config = ();
    type Service = ConnectionService;
    type InitError = ();
    type Future = LocalFuture<Result<ConnectionService, ()>>;

    fn new_service(&self, (): ()) -> Self::Future {
        let (common, tls) = (self.common.clone(), self.tls.clone());
        let mut shedder = None;
        let dispatcher = dispatcher(&common, &self.configure, &mut shedder).new_service(());
        Box::pin(async move {
            let dispatcher = dispatcher.await?;
            let dispatch: Dispatch =
                Rc::new(move |accepted| Box::pin(dispatcher.call(accepted)) as LocalFuture<_>);
            Ok(ConnectionService { common, shedder, tls, dispatch })
        })
    }
}

type Dispatch = Rc<dyn Fn(Accepted) -> LocalFuture<Result<(), DispatchError>>>;

pub struct ConnectionService {
    common: Common,
    shedder: Option<Rc<dyn Shedder>>,
    tls: Option<TlsAcceptorSource>,
    dispatch: Dispatch,
}

impl Service<TcpStream> for ConnectionService {
    type Response = ();
    type Error = ();
    type Future = LocalFuture<Result<(), ()>>;

    fn poll_ready(&self, _: &mut Context<'_>) -> Poll<Result<(), ()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&self, socket: TcpStream) -> Self::Future {
        let Some(admission) = self.common.connections.admit() else {
            return Box::pin(std::future::ready(Ok(())));
        };
        let (common, shedder) = (self.common.clone(), self.shedder.clone());
        let tls = self.tls.as_ref().map(TlsAcceptorSource::current);
        let dispatch = Rc::clone(&self.dispatch);
        Box::pin(async move {
            if let Err(error) = serve(socket, common, shedder, tls, dispatch).await {
                tracing::debug!(%error, "connection ended");
            }
            drop(admission);
            Ok(())
        })
    }
}

async fn serve(
    socket: TcpStream,
    common: Common,
    shedder: Option<Rc<dyn Shedder>>,
    tls: Option<Arc<rustls::ServerConfig>>,
    dispatch: Dispatch,
) -> Result<(), DispatchError> {
    let peer = socket.peer_addr()?;
    // Responses are written whole; waiting for more would only add delay.
    socket.set_nodelay(true)?;
    let stream = match tls {
        None => Stream::Plain(socket),
        Some(config) => {
            let handshake = TlsAcceptor::from(config).accept(socket);
            let in_time = tokio::time::timeout(common.limits.tls_handshake_deadline, handshake);
            let Some(done) = common.drain.unless_begun(in_time).await else { return Ok(()) };
            let stream = done.map_err(io::Error::from)??;
            Stream::Tls(Box::new(stream))
        }
    };
    let drain = common.drain.clone();
    woken_by_drain(dispatch((Guard::new(stream, common, shedder), Some(peer))), &drain).await
}

/// The framework's HTTP/1 dispatcher over guarded streams. Its own timers stay off: the guard
/// has one for each thing that a client can delay, and two clocks would contradict each other.
fn dispatcher<C: Configure>(
    common: &Common,
    configure: &C,
    shedder: &mut Option<Rc<dyn Shedder>>,
) -> impl ServiceFactory<
    Accepted,
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
    Service: Service<Accepted, Future: 'static> + 'static,
    Future: 'static,
> + use<C> {
    let app = App::new().configure(|config| *shedder = configure(config));
    let app = map_config(app, |()| AppConfig::default());
    let drain = common.drain.clone();
    let tracked = apply_fn_factory(app, move |request: Request, app: &_| {
        let flight = request.conn_data::<Rc<Flight>>().map(Rc::clone);
        let drain = drain.clone();
        let response = Service::call(app, request);
        async move {
            let mut response: Response<BoxBody> = match response.await {
                Ok(response) => response.into(),
                Err(error) => error.into(),
            };
            if drain.has_begun() {
                response.head_mut().set_connection_type(ConnectionType::Close);
            }
            Ok::<_, actix_web::Error>(response.map_body(|_, body| Tracked::new(body, flight)))
        }
    });
    HttpService::build()
        .keep_alive(KeepAlive::Os)
        .client_request_timeout(std::time::Duration::ZERO)
        .client_disconnect_timeout(std::time::Duration::ZERO)
        .on_connect_ext(|guard: &Guard<Stream>, data| {
            data.insert(Rc::clone(guard.flight()));
        })
        .h1(tracked)
}
