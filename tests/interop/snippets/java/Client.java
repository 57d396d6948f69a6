package snippets;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;

/** The client snippet is its configuration; it prints the token that the registration `signet` gets. */
@SpringBootApplication
public class Client {
    public static void main(String[] arguments) {
        try (var context = new SpringApplicationBuilder(Client.class).web(WebApplicationType.NONE).run(arguments)) {
            var manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
                context.getBean(ClientRegistrationRepository.class),
                context.getBean(OAuth2AuthorizedClientService.class));
            var request = OAuth2AuthorizeRequest.withClientRegistrationId("signet").principal("snippets").build();
            System.out.println(manager.authorize(request).getAccessToken().getTokenValue());
        }
    }
}
