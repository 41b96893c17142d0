// Every endpoint of the gateway's GitLab dialect, through GitLab's own client for Go.
//
// GATEWAY_URL names the gateway, MAINTAINER and DEVELOPER are tokens of two users, PROJECT is a
// path, BLOCKED the number of a blocked deployment of that project to "guarded". Each step that
// went well prints its name; the first that did not ends the program with 1.
package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"time"

	gitlab "gitlab.com/gitlab-org/api/client-go/v2"
)

const sha = "a91957a858320c0e17f3a0eca7cfacbff50ea29a"

var project = os.Getenv("PROJECT")

func main() {
	maintainer, developer := client("MAINTAINER"), client("DEVELOPER")
	aboutPeople(developer)
	first := aboutDeployments(developer)
	aboutEnvironments(maintainer, first)
	aboutProtection(maintainer, developer)
	aboutGroups(maintainer)
	aboutRefusals(developer)
}

func client(token string) *gitlab.Client {
	made, err := gitlab.NewClient(
		os.Getenv(token),
		gitlab.WithBaseURL(os.Getenv("GATEWAY_URL")),
		gitlab.WithoutRetries(),
	)
	check("client", err, true)
	return made
}

func check(step string, err error, holds bool) {
	if err != nil || !holds {
		fmt.Println("failed:", step, err)
		os.Exit(1)
	}
	fmt.Println(step)
}

func said(status gitlab.DeploymentStatusValue, ref string) *gitlab.CreateProjectDeploymentOptions {
	return &gitlab.CreateProjectDeploymentOptions{
		Environment: gitlab.Ptr("production"),
		Ref:         gitlab.Ptr(ref),
		SHA:         gitlab.Ptr(sha),
		Tag:         gitlab.Ptr(false),
		Status:      gitlab.Ptr(status),
	}
}

func aboutPeople(c *gitlab.Client) {
	version, _, err := c.Version.GetVersion()
	check("version", err, version != nil && version.Version == "18.9.0")
	metadata, _, err := c.Metadata.GetMetadata()
	check("metadata", err, metadata != nil && metadata.Enterprise)
	me, _, err := c.Users.CurrentUser()
	check("user", err, me != nil && me.Username == "developer")
	found, _, err := c.Users.ListUsers(&gitlab.ListUsersOptions{Username: gitlab.Ptr("developer")})
	check("users", err, len(found) == 1 && found[0].ID == me.ID)
	one, _, err := c.Projects.GetProject(project, nil)
	check("project", err, one != nil && one.PathWithNamespace == project)
	listed, _, err := c.Projects.ListProjects(&gitlab.ListProjectsOptions{Search: gitlab.Ptr(one.Path)})
	check("projects", err, len(listed) == 1 && listed[0].ID == one.ID)
}

func aboutDeployments(c *gitlab.Client) int64 {
	made, _, err := c.Deployments.CreateProjectDeployment(project, said("running", "main"))
	check("create", err, made != nil && made.Status == "running" && made.User.Username == "developer")
	updated, _, err := c.Deployments.UpdateProjectDeployment(project, made.ID,
		&gitlab.UpdateProjectDeploymentOptions{Status: gitlab.Ptr(gitlab.DeploymentStatusSuccess)})
	check("update", err, updated != nil && updated.Status == "success")
	got, _, err := c.Deployments.GetProjectDeployment(project, made.ID)
	check("get", err, got != nil && got.SHA == sha && got.Environment.Name == "production")
	for _, ref := range []string{"a", "b", "c"} {
		_, _, err = c.Deployments.CreateProjectDeployment(project, said("failed", ref))
		check("attempt", err, true)
	}
	options := &gitlab.ListProjectDeploymentsOptions{
		ListOptions: gitlab.ListOptions{PerPage: 2},
		OrderBy:     gitlab.Ptr("id"),
		Sort:        gitlab.Ptr("desc"),
		Environment: gitlab.Ptr("production"),
	}
	seen := 0
	for {
		page, response, err := c.Deployments.ListProjectDeployments(project, options)
		check("list", err, response != nil && response.TotalItems == 4)
		seen += len(page)
		if response.NextPage == 0 {
			break
		}
		options.Page = response.NextPage
	}
	check("pages", nil, seen == 4)
	merged, _, err := c.DeploymentMergeRequests.ListDeploymentMergeRequests(project, made.ID, nil)
	check("merge requests", err, len(merged) == 1 && merged[0].IID == 42 && merged[0].State == "merged")
	return made.ID
}

func aboutEnvironments(c *gitlab.Client, first int64) {
	made, _, err := c.Environments.CreateEnvironment(project, &gitlab.CreateEnvironmentOptions{
		Name:        gitlab.Ptr("review/fix-foo"),
		ExternalURL: gitlab.Ptr("https://example.com"),
		Tier:        gitlab.Ptr("development"),
	})
	check("create environment", err, made != nil && made.Slug == "review-fix-foo-v25cyx")
	edited, _, err := c.Environments.EditEnvironment(project, made.ID,
		&gitlab.EditEnvironmentOptions{ExternalURL: gitlab.Ptr("https://example.org")})
	check("edit environment", err, edited != nil && edited.ExternalURL == "https://example.org")
	listed, _, err := c.Environments.ListEnvironments(project,
		&gitlab.ListEnvironmentsOptions{Search: gitlab.Ptr("review")})
	check("environments", err, len(listed) == 1 && listed[0].Project.PathWithNamespace == project)
	stopped, _, err := c.Environments.StopEnvironment(project, made.ID,
		&gitlab.StopEnvironmentOptions{Force: gitlab.Ptr(true)})
	check("stop environment", err, stopped != nil && stopped.State == "stopped")
	_, err = c.Environments.DeleteEnvironment(project, made.ID)
	check("delete environment", err, true)
	production, _, err := c.Environments.ListEnvironments(project,
		&gitlab.ListEnvironmentsOptions{Name: gitlab.Ptr("production")})
	check("environment by name", err, len(production) == 1)
	one, _, err := c.Environments.GetEnvironment(project, production[0].ID)
	check("environment", err, one != nil && one.LastDeployment != nil && one.LastDeployment.ID == first)
}

func aboutProtection(maintainer, developer *gitlab.Client) {
	blocked, err := strconv.ParseInt(os.Getenv("BLOCKED"), 10, 64)
	check("blocked", err, true)
	made, _, err := maintainer.ProtectedEnvironments.ProtectRepositoryEnvironments(project,
		&gitlab.ProtectRepositoryEnvironmentsOptions{
			Name: gitlab.Ptr("guarded"),
			DeployAccessLevels: &[]*gitlab.EnvironmentAccessOptions{
				{AccessLevel: gitlab.Ptr(gitlab.MaintainerPermissions)},
			},
			ApprovalRules: &[]*gitlab.EnvironmentApprovalRuleOptions{
				{
					AccessLevel:           gitlab.Ptr(gitlab.DeveloperPermissions),
					RequiredApprovalCount: gitlab.Ptr(int64(2)),
				},
			},
		})
	check("protect", err, made != nil && len(made.ApprovalRules) == 1)
	listed, _, err := maintainer.ProtectedEnvironments.ListProtectedEnvironments(project, nil)
	check("protected environments", err, len(listed) == 1 && listed[0].Name == "guarded")
	one, _, err := maintainer.ProtectedEnvironments.GetProtectedEnvironment(project, "guarded")
	check("protected environment", err, one != nil && one.DeployAccessLevels[0].AccessLevel == 40)
	changed, _, err := maintainer.ProtectedEnvironments.UpdateProtectedEnvironments(project, "guarded",
		&gitlab.UpdateProtectedEnvironmentsOptions{
			ApprovalRules: &[]*gitlab.UpdateEnvironmentApprovalRuleOptions{
				{ID: gitlab.Ptr(made.ApprovalRules[0].ID), RequiredApprovalCount: gitlab.Ptr(int64(1))},
			},
		})
	check("change protection", err, changed != nil && changed.ApprovalRules[0].RequiredApprovalCount == 1)
	status := said("success", "main")
	status.Environment = gitlab.Ptr("guarded")
	_, response, err := developer.Deployments.CreateProjectDeployment(project, status)
	check("not let in", nil, err != nil && response.StatusCode == http.StatusForbidden)
	_, err = developer.Deployments.ApproveOrRejectProjectDeployment(project, blocked,
		&gitlab.ApproveOrRejectProjectDeploymentOptions{
			Status:  gitlab.Ptr(gitlab.DeploymentApprovalStatusApproved),
			Comment: gitlab.Ptr("fine"),
		})
	check("approve", err, true)
	_, err = maintainer.ProtectedEnvironments.UnprotectEnvironment(project, "guarded")
	check("unprotect", err, true)
}

func aboutGroups(c *gitlab.Client) {
	group, _, err := c.Groups.GetGroup("acme", nil)
	check("group", err, group != nil && group.FullPath == "acme")
	made, _, err := c.GroupProtectedEnvironments.ProtectGroupEnvironment(group.ID,
		&gitlab.ProtectGroupEnvironmentOptions{
			Name: gitlab.Ptr("testing"),
			DeployAccessLevels: &[]*gitlab.GroupEnvironmentAccessOptions{
				{AccessLevel: gitlab.Ptr(gitlab.DeveloperPermissions)},
			},
		})
	check("protect tier", err, made != nil && made.Name == "testing")
	listed, _, err := c.GroupProtectedEnvironments.ListGroupProtectedEnvironments(group.ID, nil)
	check("protected tiers", err, len(listed) == 1)
	one, _, err := c.GroupProtectedEnvironments.GetGroupProtectedEnvironment(group.ID, "testing")
	check("protected tier", err, one != nil && one.DeployAccessLevels[0].AccessLevel == 30)
	level := made.DeployAccessLevels[0].ID
	changed, _, err := c.GroupProtectedEnvironments.UpdateGroupProtectedEnvironment(group.ID, "testing",
		&gitlab.UpdateGroupProtectedEnvironmentOptions{
			DeployAccessLevels: &[]*gitlab.UpdateGroupEnvironmentAccessOptions{
				{ID: gitlab.Ptr(level), AccessLevel: gitlab.Ptr(gitlab.MaintainerPermissions)},
			},
		})
	check("change tier", err, changed != nil && changed.DeployAccessLevels[0].AccessLevel == 40)
	_, err = c.GroupProtectedEnvironments.UnprotectGroupEnvironment(group.ID, "testing")
	check("unprotect tier", err, true)
}

func aboutRefusals(c *gitlab.Client) {
	made, _, err := c.Deployments.CreateProjectDeployment(project, said("failed", "gone"))
	check("create again", err, made != nil)
	response, err := c.Deployments.DeleteProjectDeployment(project, made.ID)
	check("developers delete nothing", nil, err != nil && response.StatusCode == http.StatusForbidden)
	_, _, err = c.Deployments.GetProjectDeployment("acme/nothing", 1)
	var refused *gitlab.ErrorResponse
	check("not found", nil, errors.Is(err, gitlab.ErrNotFound) || errors.As(err, &refused))
	old := &gitlab.ListProjectDeploymentsOptions{
		OrderBy:       gitlab.Ptr("updated_at"),
		UpdatedBefore: gitlab.Ptr(time.Date(2019, 3, 15, 8, 0, 0, 0, time.UTC)),
	}
	none, _, err := c.Deployments.ListProjectDeployments(project, old)
	check("dates", err, len(none) == 0)
}
