// Package clients runs GitHub's Go clients, unmodified, against a gateway.
package clients

import (
	"errors"
	"os"
	"testing"

	"github.com/google/go-github/v89/github"
)

func client(t *testing.T, token string) *github.Client {
	t.Helper()
	made, err := github.NewClient(
		github.WithAuthToken(token), github.WithEnterpriseURLs(os.Getenv("GATEWAY"), os.Getenv("GATEWAY")),
	)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestRecordsOfGoGitHub(t *testing.T) {
	ctx, orgs := t.Context(), client(t, os.Getenv("TOKEN")).Organizations
	made, _, err := orgs.CreateArtifactDeploymentRecord(ctx, "acme", github.CreateArtifactDeploymentRequest{
		Name: "ghcr.io/acme/shop", Digest: digest(7), Status: "deployed",
		LogicalEnvironment: "go-github", DeploymentName: "shop",
	})
	if err != nil {
		t.Fatal(err)
	}
	record := made.DeploymentRecords[0]
	set, _, err := orgs.SetClusterDeploymentRecords(ctx, "acme", "moda-1", github.ClusterDeploymentRecordsRequest{
		LogicalEnvironment: "go-github",
		Deployments: []*github.ClusterArtifactDeployment{{
			Name: "ghcr.io/acme/shop", Digest: digest(7), DeploymentName: "other", Status: "deployed",
		}},
	})
	if err != nil || set.GetTotalCount() != 1 {
		t.Fatal(set, err)
	}
	listed, _, err := orgs.ListArtifactDeploymentRecords(ctx, "acme", digest(7))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, one := range listed.DeploymentRecords {
		found = found || one.GetID() == record.GetID() && one.GetDigest() == digest(7)
	}
	if !found || len(listed.DeploymentRecords) != listed.GetTotalCount() {
		t.Errorf("the list is %v", listed)
	}
}

func TestStorageOfGoGitHub(t *testing.T) {
	ctx, orgs := t.Context(), client(t, os.Getenv("TOKEN")).Organizations
	made, _, err := orgs.CreateArtifactStorageRecord(ctx, "acme", github.CreateArtifactStorageRequest{
		Name: "libfoo", Digest: digest(8), RegistryURL: "https://reg.example.com/",
	})
	if err != nil {
		t.Fatal(err)
	}
	listed, _, err := orgs.ListArtifactStorageRecords(ctx, "acme", digest(8))
	if err != nil || listed.StorageRecords[0].GetID() != made.StorageRecords[0].GetID() {
		t.Fatal(listed, err)
	}
}

func TestRefusalsOfGoGitHub(t *testing.T) {
	ctx := t.Context()
	_, _, err := client(t, "dgw_nobody").Organizations.ListArtifactDeploymentRecords(ctx, "acme", digest(1))
	var refused *github.ErrorResponse
	if !errors.As(err, &refused) || refused.Response.StatusCode != 401 || refused.Message != "Bad credentials" {
		t.Errorf("a bad credential: %v", err)
	}
	_, _, err = client(t, os.Getenv("TOKEN")).Organizations.ListArtifactDeploymentRecords(ctx, "acme", "sha256:x")
	if !errors.As(err, &refused) || refused.Response.StatusCode != 422 {
		t.Errorf("a digest that is none: %v", err)
	}
}

// TestLimitsOfGoGitHub runs against a gateway with a small limit.
func TestLimitsOfGoGitHub(t *testing.T) {
	ctx, orgs := t.Context(), client(t, os.Getenv("TOKEN")).Organizations
	for range 40 {
		_, response, err := orgs.ListArtifactDeploymentRecords(ctx, "acme", digest(1))
		var primary *github.RateLimitError
		var secondary *github.AbuseRateLimitError
		switch {
		case errors.As(err, &secondary):
			if secondary.GetRetryAfter() <= 0 {
				t.Error("a secondary limit without a wait")
			}
			return
		case errors.As(err, &primary):
			if primary.Rate.Remaining != 0 || primary.Rate.Limit != 12 {
				t.Errorf("a primary limit of %v", primary.Rate)
			}
			return
		case err != nil:
			t.Fatal(err)
		case response.Rate.Limit != 12:
			t.Fatalf("the rate is %v", response.Rate)
		}
	}
	t.Error("no limit was met")
}
