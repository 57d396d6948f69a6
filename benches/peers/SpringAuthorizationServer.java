package peers;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.crypto.password.NoOpPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/**
 * Spring Authorization Server as Spring Boot sets it up: in memory, an RSA key of 2048 bits made at the start, JWT access
 * tokens. The port is the one argument.
 */
@SpringBootApplication
@SuppressWarnings("deprecation")
public class SpringAuthorizationServer {
    /** The cheapest there is. By default a plain secret becomes bcrypt at its first use: then it makes ten tokens a second. */
    @Bean
    PasswordEncoder plain() {
        return NoOpPasswordEncoder.getInstance();
    }

    public static void main(String[] arguments) {
        var client = "spring.security.oauth2.authorizationserver.client.bench.registration.";
        var application = new SpringApplication(SpringAuthorizationServer.class);
        application.setDefaultProperties(Map.of(
            // Otherwise it ends each connection after a hundred requests.
            "server.tomcat.max-keep-alive-requests", "-1",
            "server.address", "127.0.0.1",
            "server.port", arguments[0],
            client + "client-id", "rs256",
            client + "client-secret", "a-secret-that-only-benchmarks-use-0123456789",
            client + "client-authentication-methods", "client_secret_basic",
            client + "authorization-grant-types", "client_credentials",
            client + "scopes", "rs256:read,rs256:write"));
        application.run();
    }
}
