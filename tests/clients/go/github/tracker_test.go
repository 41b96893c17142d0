package clients

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	"gateway.test/clients/github/tracker"
)

const pods = 300

// controller is what its life asks of a client: the stand-in's, or the controller's own.
type controller interface {
	// Post records one container; ErrDropped for one that is refused for good.
	Post(ctx context.Context, record tracker.Record) error
	// Sync submits all that runs in a cluster and waits until it is recorded.
	Sync(
		ctx context.Context, logical, physical, cluster string, running []tracker.Deployment,
	) (*tracker.Job, error)
	// Waits is how often a rate limit made it wait.
	Waits() int
}

func digest(n int) string { return fmt.Sprintf("sha256:%064x", n) }

func name(n int) string { return fmt.Sprintf("default/app-%03d/web", n) }

func image(n int) string { return fmt.Sprintf("ghcr.io/acme/app-%02d", n%20) }

// posted is a pod as the controller reports it once it runs the image of this number.
func posted(n, of int, status string) tracker.Record {
	record := tracker.Record{
		Name: image(n), Digest: digest(of), Version: fmt.Sprintf("v%d", of), Status: status,
		DeploymentName: name(n), LogicalEnvironment: "production",
		PhysicalEnvironment: "us-east-1", Cluster: "cluster-1",
	}
	if status == "deployed" {
		record.Tags = map[string]string{"team": "payments"}
		record.RuntimeRisks = []string{"internet-exposed"}
	}
	return record
}

func all(ctx context.Context, t *testing.T, client controller, records []tracker.Record) {
	t.Helper()
	queue := make(chan tracker.Record)
	var workers sync.WaitGroup
	for range 8 {
		workers.Go(func() {
			for record := range queue {
				if err := client.Post(ctx, record); err != nil {
					t.Errorf("%s: %v", record.DeploymentName, err)
				}
			}
		})
	}
	for _, record := range records {
		queue <- record
	}
	close(queue)
	workers.Wait()
}

// TestSession is the life of the stand-in.
func TestSession(t *testing.T) {
	client, err := tracker.New(os.Getenv("GATEWAY"), "acme", os.Getenv("TOKEN"))
	if err != nil {
		t.Fatal(err)
	}
	session(t, client)
}

// session is the controller's life: a start-up sync, rollouts, limits, decommissions.
func session(t *testing.T, client controller) {
	t.Helper()
	ctx := t.Context()
	var running []tracker.Deployment
	for n := range pods {
		running = append(running, tracker.Deployment{
			Name: image(n), Digest: digest(n), Version: "v1", Status: "deployed",
			DeploymentName: name(n),
		})
	}
	for range 2 { // a controller that restarts says it all again
		job, err := client.Sync(ctx, "production", "us-east-1", "cluster-1", running)
		if err != nil {
			t.Fatal(err)
		}
		if job.Status != "completed" || job.TotalCount != pods || len(job.Errors) != 0 {
			t.Fatalf("the sync ended as %+v", job)
		}
	}
	var rollouts, removals []tracker.Record
	for n := range 40 {
		rollouts = append(rollouts, posted(n, 1000+n, "deployed"))
	}
	all(ctx, t, client, rollouts)
	for n := 20; n < 50; n++ {
		of := n // as it was synced
		if n < 40 {
			of = 1000 + n
		}
		removals = append(removals, posted(n, of, "decommissioned"))
	}
	all(ctx, t, client, removals)
	if client.Waits() == 0 {
		t.Error("the limits of this gateway were never met")
	}
	bad := posted(1, 1, "deployed")
	bad.Digest = "docker.io/library/web@latest"
	if err := client.Post(ctx, bad); !errors.Is(err, tracker.ErrDropped) {
		t.Errorf("a digest that is none: %v", err)
	}
}
