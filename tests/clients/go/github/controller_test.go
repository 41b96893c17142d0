//go:build deployment_tracker

package clients

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/github/deployment-tracker/pkg/deploymentrecord"
	"github.com/github/deployment-tracker/pkg/dtmetrics"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"gateway.test/clients/github/tracker"
)

// own is the controller's own client behind the words of the session.
type own struct {
	*deploymentrecord.Client
	before float64
}

// TestSessionOfTheController is the session with the controller's own package, at its own pace of
// three requests a second or, with HURRIED set, as fast as it can.
func TestSessionOfTheController(t *testing.T) {
	options := []deploymentrecord.ClientOption{
		deploymentrecord.WithAPIToken(os.Getenv("TOKEN")),
		deploymentrecord.WithTimeout(30),
	}
	if os.Getenv("HURRIED") != "" {
		options = append(options, deploymentrecord.WithRequestThrottler(1000, 1000))
	}
	client, err := deploymentrecord.NewClient(os.Getenv("GATEWAY"), "acme", options...)
	if err != nil {
		t.Fatal(err)
	}
	session(t, &own{client, testutil.ToFloat64(dtmetrics.PostDeploymentRecordRateLimited)})
}

func (o *own) Post(ctx context.Context, said tracker.Record) error {
	record := deploymentrecord.NewDeploymentRecord(
		said.Name, said.Digest, said.Version, said.LogicalEnvironment, said.PhysicalEnvironment,
		said.Cluster, said.Status, said.DeploymentName, risks(said.RuntimeRisks), said.Tags,
	)
	err := o.PostOne(ctx, record)
	var refused *deploymentrecord.ClientError
	if errors.As(err, &refused) {
		return fmt.Errorf("%w: %w", tracker.ErrDropped, err)
	}
	return err
}

func (o *own) Sync(
	ctx context.Context, logical, physical, cluster string, running []tracker.Deployment,
) (*tracker.Job, error) {
	var records []*deploymentrecord.Record
	for _, said := range running {
		records = append(records, deploymentrecord.NewDeploymentRecord(
			said.Name, said.Digest, said.Version, logical, physical, cluster, said.Status,
			said.DeploymentName, risks(said.RuntimeRisks), said.Tags,
		))
	}
	accepted, err := o.CreateClusterJob(ctx, records, cluster)
	if err != nil {
		return nil, err
	}
	if len(accepted.Errors) != 0 {
		return nil, fmt.Errorf("left out: %+v", accepted.Errors)
	}
	ended, err := o.WaitForClusterJob(ctx, cluster, accepted.JobID)
	if err != nil {
		return nil, err
	}
	job := &tracker.Job{ID: ended.JobID, Status: ended.Status, TotalCount: ended.TotalCount}
	for _, fault := range ended.Errors {
		job.Errors = append(job.Errors, tracker.Fault(fault))
	}
	return job, nil
}

func (o *own) Waits() int {
	return int(testutil.ToFloat64(dtmetrics.PostDeploymentRecordRateLimited) - o.before)
}

func risks(words []string) []deploymentrecord.RuntimeRisk {
	var found []deploymentrecord.RuntimeRisk
	for _, word := range words {
		found = append(found, deploymentrecord.RuntimeRisk(word))
	}
	return found
}
