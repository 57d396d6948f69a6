package snippets;

import java.nio.file.Files;
import java.nio.file.Path;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.server.servlet.context.ServletWebServerApplicationContext;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The resource server snippet is its configuration; it writes its port into the file `port.file`. */
@SpringBootApplication
@RestController
public class Server {
    @GetMapping("/")
    String accepted() {
        return "accepted";
    }

    public static void main(String[] arguments) throws Exception {
        var context = (ServletWebServerApplicationContext) SpringApplication.run(Server.class, arguments);
        var file = Path.of(context.getEnvironment().getRequiredProperty("port.file"));
        Files.writeString(file, Integer.toString(context.getWebServer().getPort()));
    }
}
